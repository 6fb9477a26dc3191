"""One member of a group on aiokafka: HOST:PORT TOPIC GROUP classic [INSTANCE]."""
import asyncio

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from member import Member


class Listener(ConsumerRebalanceListener):
    def __init__(self, member, commit):
        self.member, self.commit = member, commit

    async def on_partitions_assigned(self, assigned):
        self.member.assigned([p.partition for p in assigned])

    async def on_partitions_revoked(self, revoked):
        await self.commit([p.partition for p in revoked])
        self.member.revoked([p.partition for p in revoked])


async def main():
    member = Member()
    consumer = AIOKafkaConsumer(bootstrap_servers=member.broker, group_id=member.group, auto_offset_reset="earliest",
                                enable_auto_commit=False, group_instance_id=member.instance,
                                session_timeout_ms=member.session_ms, heartbeat_interval_ms=500)

    async def commit(partitions=None):
        offsets = member.taken(partitions)
        if not offsets:
            return
        try:
            await consumer.commit({TopicPartition(member.topic, p): o for p, o in offsets.items()})
        except KafkaError as error:
            member.complain("commit", error)
            return
        member.committed(offsets)

    consumer.subscribe([member.topic], listener=Listener(member, commit))
    await consumer.start()
    while not member.ended.is_set():
        for records in (await consumer.getmany(timeout_ms=200)).values():
            for record in records:
                member.record(record.partition, record.offset, record.value)
        await commit()
    await consumer.stop()


asyncio.run(main())
