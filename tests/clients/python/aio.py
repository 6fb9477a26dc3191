"""Reads a topic with aiokafka."""
import asyncio
import sys

from aiokafka import AIOKafkaConsumer, TopicPartition

import lines


async def main():
    broker, topic, partitions = lines.arguments()
    consumer = AIOKafkaConsumer(bootstrap_servers=broker, group_id=None, enable_auto_commit=False, auto_offset_reset="none")
    await consumer.start()
    try:
        assigned = [TopicPartition(topic, p) for p in partitions]
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        for partition in assigned:
            consumer.seek(partition, 0)
        while any([await consumer.position(p) < ends[p] for p in assigned]):
            polled = await consumer.getmany(timeout_ms=30_000)
            if not polled:
                sys.exit("nothing came for 30 s")
            for records in polled.values():
                for record in records:
                    lines.write(record.partition, record.offset, record.key, record.value)
    finally:
        await consumer.stop()


asyncio.run(main())
