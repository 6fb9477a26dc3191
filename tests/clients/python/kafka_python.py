"""Reads a topic with kafka-python."""
import sys

from kafka import KafkaConsumer, TopicPartition

import lines

broker, topic, partitions = lines.arguments()
consumer = KafkaConsumer(bootstrap_servers=broker, group_id=None, enable_auto_commit=False, auto_offset_reset="none")
assigned = [TopicPartition(topic, p) for p in partitions]
consumer.assign(assigned)
ends = consumer.end_offsets(assigned)
for partition in assigned:
    consumer.seek(partition, 0)
while any(consumer.position(p) < ends[p] for p in assigned):
    polled = consumer.poll(timeout_ms=30_000)
    if not polled:
        sys.exit("nothing came for 30 s")
    for records in polled.values():
        for record in records:
            lines.write(record.partition, record.offset, record.key, record.value)
consumer.close()
