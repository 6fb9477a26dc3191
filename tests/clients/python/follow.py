"""Follows a topic with confluent-kafka (librdkafka): HOST:PORT TOPIC PARTITIONS OFFSET earliest|none."""
import sys
import threading

from confluent_kafka import Consumer, KafkaError, TopicPartition

import lines

_, broker, topic, partitions, offset, reset = sys.argv
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
consumer = Consumer({"bootstrap.servers": broker, "group.id": "unused", "enable.auto.commit": False, "enable.partition.eof": True,
                     "auto.offset.reset": "earliest" if reset == "earliest" else "error", "fetch.wait.max.ms": 100,
                     "reconnect.backoff.max.ms": 200})
consumer.assign([TopicPartition(topic, p, int(offset)) for p in range(int(partitions))])
unreachable = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}
while not ended.is_set():
    for message in consumer.consume(500, 0.1):
        error = message.error()
        if error is None:
            lines.write(message.partition(), message.offset(), message.key(), message.value())
        elif error.code() == KafkaError._PARTITION_EOF:
            lines.say("end", message.partition(), message.offset())
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            lines.say("out-of-range", message.partition())
        elif error.code() not in unreachable:
            sys.exit(f"partition {message.partition()}: {error}")
    sys.stdout.flush()
consumer.close()
