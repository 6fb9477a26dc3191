"""What the members of groups written in Python say, one line each: see tests/clients/README.md."""
import sys
import threading


class Member:
    """The arguments, and the lines on standard output."""

    def __init__(self):
        _, self.broker, self.topic, self.group, self.protocol, *instance = sys.argv
        self.instance = instance[0] if instance else None
        self.session_ms = 30_000 if instance else 6_000
        self.ended = threading.Event()
        threading.Thread(target=self._input, daemon=True).start()
        self.uncommitted = {}

    def _input(self):
        sys.stdin.read()
        self.ended.set()

    def record(self, partition, offset, value):
        sys.stdout.write(f"record {partition} {offset} {value.decode()}\n")
        self.uncommitted[partition] = offset + 1

    def taken(self, partitions=None):
        """What is to be committed, of these partitions or of all; what was said before is out."""
        sys.stdout.flush()
        return {p: o for p, o in self.uncommitted.items() if partitions is None or p in partitions}

    def committed(self, offsets):
        for partition, offset in offsets.items():
            sys.stdout.write(f"commit {partition} {offset}\n")
            if self.uncommitted.get(partition) == offset:
                del self.uncommitted[partition]
        sys.stdout.flush()

    def assigned(self, partitions):
        self._say("assigned", partitions)

    def revoked(self, partitions):
        for partition in partitions:
            self.uncommitted.pop(partition, None)
        self._say("revoked", partitions)

    def _say(self, what, partitions):
        sys.stdout.write(" ".join([what, *map(str, sorted(partitions))]) + "\n")
        sys.stdout.flush()

    @staticmethod
    def complain(what, error):
        print(what, repr(error), file=sys.stderr, flush=True)
