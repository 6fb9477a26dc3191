"""Produces what its input says with confluent-kafka (librdkafka): HOST:PORT TOPIC CODEC."""
import base64
import sys
import threading

from confluent_kafka import Producer

_, broker, topic, codec = sys.argv
producer = Producer({"bootstrap.servers": broker, "enable.idempotence": True, "linger.ms": 5, "reconnect.backoff.max.ms": 200,
                     "compression.codec": codec})
failures = []


def acknowledged(number):
    def answer(error, message):
        if error is not None:
            failures.append(f"{number}: {error}")
        else:
            sys.stdout.write(f"{message.partition()} {message.offset()} {number}\n")
            sys.stdout.flush()
    return answer


def field(text):
    return None if text == "-" else base64.b64decode("" if text == "=" else text)


def answers():
    while not ended.is_set():
        producer.poll(0.1)


ended = threading.Event()
answering = threading.Thread(target=answers)
answering.start()
for number, line in enumerate(sys.stdin):
    partition, key, value = line.split()
    while True:
        try:
            producer.produce(topic, field(value), field(key), partition=int(partition), on_delivery=acknowledged(number))
            break
        except BufferError:
            ended.wait(0.01)
ended.set()
answering.join()
left = producer.flush(60)
if failures or left:
    sys.exit(f"{left} records without an answer, failures: {failures[:3]}")
