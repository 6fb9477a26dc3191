"""One member of a group on confluent-kafka (librdkafka): HOST:PORT TOPIC GROUP classic|consumer [INSTANCE]."""
from confluent_kafka import Consumer, KafkaException, TopicPartition

from member import Member

member = Member()
settings = {"bootstrap.servers": member.broker, "group.id": member.group, "group.protocol": member.protocol,
            "auto.offset.reset": "earliest", "enable.auto.commit": False, "reconnect.backoff.max.ms": 200}
if member.instance:
    settings["group.instance.id"] = member.instance
if member.protocol == "classic":
    settings |= {"session.timeout.ms": member.session_ms, "heartbeat.interval.ms": 500}
consumer = Consumer(settings)


def commit(partitions=None):
    offsets = member.taken(partitions)
    if not offsets:
        return
    try:
        answers = consumer.commit(offsets=[TopicPartition(member.topic, p, o) for p, o in offsets.items()], asynchronous=False)
    except KafkaException as error:
        member.complain("commit", error)
        return
    for answer in answers:
        if answer.error is not None:
            member.complain("commit", answer.error)
            del offsets[answer.partition]
    member.committed(offsets)


def revoked(_, partitions):
    commit([p.partition for p in partitions])
    lost(_, partitions)


def lost(_, partitions):
    member.revoked([p.partition for p in partitions])


consumer.subscribe([member.topic], on_assign=lambda _, ps: member.assigned([p.partition for p in ps]), on_revoke=revoked, on_lost=lost)
while not member.ended.is_set():
    for message in consumer.consume(500, 0.2):
        if message.error() is None:
            member.record(message.partition(), message.offset(), message.value())
        else:
            member.complain("poll", message.error())
    commit()
consumer.close()
