"""Produces numbered records with an idempotent producer until its input ends: HOST:PORT TOPIC PARTITIONS [RECORDS A SECOND].

Prints partition, offset and number of each record that is acknowledged.

Every record that was sent is acknowledged at the end, over any number of restarts of the broker.
"""
import itertools
import sys
import threading
import time

from confluent_kafka import Producer

broker, topic, partitions = sys.argv[1], sys.argv[2], int(sys.argv[3])
rate = int(sys.argv[4]) if len(sys.argv) > 4 else None
started = time.monotonic()
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
producer = Producer({"bootstrap.servers": broker, "enable.idempotence": True, "linger.ms": 2, "reconnect.backoff.max.ms": 200,
                     "queue.buffering.max.messages": 2000})
failures = []


def acknowledged(number):
    def answer(error, message):
        if error is not None:
            failures.append(f"{number}: {error}")
        else:
            sys.stdout.write(f"{message.partition()} {message.offset()} {number}\n")
    return answer


for number in itertools.count():
    if ended.is_set() or failures:
        break
    while True:
        try:
            producer.produce(topic, f"{number} ".ljust(200, "x"), partition=number % partitions, on_delivery=acknowledged(number))
            break
        except BufferError:
            producer.poll(0.1)
    producer.poll(0)
    if number % 100 == 0:
        sys.stdout.flush()
        while rate and time.monotonic() - started < number / rate and not ended.is_set():
            producer.poll(0.01)
left = producer.flush(60)
sys.stdout.flush()
if failures or left:
    sys.exit(f"{left} records without an answer, failures: {failures[:3]}")
