// kafkajs produces lines of "key value" (base64) from standard input and administers a topic: main.js HOST:PORT TOPIC.
// Prints what it saw as one JSON object.
const assert = require("node:assert");
const readline = require("node:readline");
const { Kafka, ConfigResourceTypes, CompressionTypes, logLevel } = require("kafkajs");

const [broker, topic] = process.argv.slice(2);
const kafka = new Kafka({ clientId: "kafkajs", brokers: [broker], logLevel: logLevel.ERROR });

async function produce(producer) {
  let batch = [];
  let sent = 0;
  const send = async () => {
    const compression = sent % 2000 === 0 ? CompressionTypes.GZIP : CompressionTypes.None;
    const answers = await producer.send({ topic, acks: -1, compression, messages: batch });
    assert(answers.every((a) => a.errorCode === 0), JSON.stringify(answers));
    sent += batch.length;
    batch = [];
  };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [key, value] = line.split(" ").map((field) => Buffer.from(field, "base64"));
    batch.push({ key, value });
    if (batch.length === 1000) await send();
  }
  if (batch.length > 0) await send();
  return sent;
}

async function main() {
  const admin = kafka.admin();
  await admin.connect();
  assert.strictEqual(await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 3, replicationFactor: 1,
    configEntries: [{ name: "retention.ms", value: "86400000" }] }] }), true);
  assert.strictEqual(await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] }), false, "created twice");
  await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });

  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const sent = await produce(producer);
  await producer.disconnect();

  await admin.alterConfigs({ validateOnly: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic,
    configEntries: [{ name: "retention.ms", value: "7200000" }] }] });
  const configs = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }] });
  const retention = configs.resources[0].configEntries.find((entry) => entry.configName === "retention.ms");

  const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
  const offsets = await admin.fetchTopicOffsets(topic);
  const cluster = await admin.describeCluster();
  const listed = (await admin.listTopics()).includes(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "1" }] });
  const lows = (await admin.fetchTopicOffsets(topic)).map((o) => [o.partition, Number(o.low)]);

  const scratch = `${topic}-scratch`;
  await admin.createTopics({ topics: [{ topic: scratch }] });
  await admin.deleteTopics({ topics: [scratch] });
  const deleted = !(await admin.listTopics()).includes(scratch);
  await admin.disconnect();

  console.log(JSON.stringify({
    sent, listed, deleted, lows, brokers: cluster.brokers.length, partitions: metadata.topics[0].partitions.length,
    retention: retention.configValue, ends: offsets.map((o) => [o.partition, Number(o.high)]),
  }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
