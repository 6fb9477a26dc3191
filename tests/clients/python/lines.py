"""One line a record, as the tests read it."""
import base64
import sys


def field(data):
    if data is None:
        return b"-"
    return base64.b64encode(data) or b"="


def write(partition, offset, key, value):
    sys.stdout.buffer.write(b"%d %d %s %s\n" % (partition, offset, field(key), field(value)))


def arguments():
    _, broker, topic, partitions = sys.argv
    return broker, topic, range(int(partitions))


def say(*words):
    sys.stdout.buffer.write(" ".join(map(str, words)).encode() + b"\n")
