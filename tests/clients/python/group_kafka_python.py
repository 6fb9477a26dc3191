"""One member of a group on kafka-python: HOST:PORT TOPIC GROUP classic [INSTANCE]."""
import time

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaConnectionError, KafkaError

from member import Member

member = Member()
consumer = KafkaConsumer(bootstrap_servers=member.broker, group_id=member.group, auto_offset_reset="earliest", enable_auto_commit=False,
                         group_instance_id=member.instance, session_timeout_ms=member.session_ms, heartbeat_interval_ms=500,
                         reconnect_backoff_max_ms=200)


def commit(partitions=None):
    offsets = member.taken(partitions)
    if not offsets:
        return
    try:
        consumer.commit({TopicPartition(member.topic, p): OffsetAndMetadata(o, "", -1) for p, o in offsets.items()})
    except KafkaError as error:
        member.complain("commit", error)
        return
    member.committed(offsets)


class Listener(ConsumerRebalanceListener):
    def on_partitions_assigned(self, assigned):
        member.assigned([p.partition for p in assigned])

    def on_partitions_revoked(self, revoked):
        commit([p.partition for p in revoked])
        member.revoked([p.partition for p in revoked])


consumer.subscribe([member.topic], listener=Listener())
while not member.ended.is_set():
    try:
        polled = consumer.poll(timeout_ms=200)
    except KafkaConnectionError as error:  # this client does not keep to itself that a broker is away
        member.complain("poll", error)
        time.sleep(0.1)
        continue
    for records in polled.values():
        for record in records:
            member.record(record.partition, record.offset, record.value)
    commit()
consumer.close()
