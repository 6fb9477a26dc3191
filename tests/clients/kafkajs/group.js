// One member of a group on kafkajs: group.js HOST:PORT TOPIC GROUP classic.
const { Kafka, logLevel } = require("kafkajs");

const [broker, topic, groupId] = process.argv.slice(2);
const kafka = new Kafka({ clientId: "kafkajs", brokers: [broker], logLevel: logLevel.WARN, retry: { maxRetryTime: 1000 } });
const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, maxWaitTimeInMs: 200 });

const write = (lines) => new Promise((done) => process.stdout.write(lines.map((line) => `${line}\n`).join(""), done));
let owned = [];

async function take(partitions) {
  const lines = owned.length > 0 ? [["revoked", ...owned].join(" ")] : [];
  if (partitions) lines.push(["assigned", ...partitions].join(" "));
  owned = partitions ?? [];
  await write(lines);
}

async function main() {
  consumer.on(consumer.events.GROUP_JOIN, (event) => take(event.payload.memberAssignment[topic] ?? []));
  consumer.on(consumer.events.REBALANCING, () => take(null));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, isStale, resolveOffset, heartbeat }) => {
      if (isStale()) return;
      await write(batch.messages.map((m) => `record ${batch.partition} ${m.offset} ${m.value}`));
      const next = (BigInt(batch.lastOffset()) + 1n).toString();
      await consumer.commitOffsets([{ topic, partition: batch.partition, offset: next }]);
      resolveOffset(batch.lastOffset());
      await write([`commit ${batch.partition} ${next}`]);
      await heartbeat();
    },
  });
}

process.stdin.resume();
process.stdin.on("end", async () => {
  await consumer.disconnect();
  process.exit(0);
});
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
