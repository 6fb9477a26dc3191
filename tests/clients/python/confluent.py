"""Reads a topic with confluent-kafka (librdkafka)."""
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition

import lines

broker, topic, partitions = lines.arguments()
# The library wants a group's name even where no group is used.
consumer = Consumer({"bootstrap.servers": broker, "group.id": "unused", "enable.auto.commit": False, "enable.partition.eof": True})
consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
open_partitions = set(partitions)
while open_partitions:
    message = consumer.poll(30)
    if message is None:
        sys.exit("nothing came for 30 s")
    if message.error() is None:
        lines.write(message.partition(), message.offset(), message.key(), message.value())
    elif message.error().code() == KafkaError._PARTITION_EOF:
        open_partitions.discard(message.partition())
    else:
        sys.exit(str(message.error()))
consumer.close()
