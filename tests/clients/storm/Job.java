import java.util.Base64;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.storm.Config;
import org.apache.storm.LocalCluster;
import org.apache.storm.kafka.spout.FirstPollOffsetStrategy;
import org.apache.storm.kafka.spout.KafkaSpout;
import org.apache.storm.kafka.spout.KafkaSpoutConfig;
import org.apache.storm.topology.BasicOutputCollector;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseBasicBolt;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;

/** Storm's Kafka spout, two executors of it, reads COUNT records of TOPIC from where GROUP has committed, and waits for its commits. */
public class Job {
    private static final AtomicLong seen = new AtomicLong();

    /** Prints each record as the other clients of this folder do. */
    public static class Print extends BaseBasicBolt {
        @Override
        public void execute(Tuple tuple, BasicOutputCollector collector) {
            String place = tuple.getIntegerByField("partition") + " " + tuple.getLongByField("offset");
            System.out.println(place + " " + text(tuple.getBinaryByField("key")) + " " + text(tuple.getBinaryByField("value")));
            seen.incrementAndGet();
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
        }

        private static String text(byte[] bytes) {
            return bytes == null ? "-" : bytes.length == 0 ? "=" : Base64.getEncoder().encodeToString(bytes);
        }
    }

    public static void main(String[] args) throws Exception {
        String broker = args[0], topic = args[1], group = args[2];
        long count = Long.parseLong(args[3]);
        TopologyBuilder builder = new TopologyBuilder();
        builder.setSpout("spout", new KafkaSpout<>(spout(broker, topic, group)), 2);
        builder.setBolt("print", new Print(), 2).fieldsGrouping("spout", new Fields("key"));
        try (Admin admin = admin(broker); LocalCluster cluster = new LocalCluster()) {
            cluster.submitTopology("records", new Config(), builder.createTopology());
            await("all records", () -> seen.get() >= count);
            await("commits up to the end", () -> committed(admin, group).equals(ends(admin, topic)));
        }
        System.out.flush();
        System.exit(0);
    }

    private static KafkaSpoutConfig<byte[], byte[]> spout(String broker, String topic, String group) {
        return new KafkaSpoutConfig.Builder<byte[], byte[]>(broker, topic)
            .setProp(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class)
            .setProp(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class)
            .setProp(ConsumerConfig.GROUP_ID_CONFIG, group)
            .setProcessingGuarantee(KafkaSpoutConfig.ProcessingGuarantee.AT_LEAST_ONCE)
            .setFirstPollOffsetStrategy(FirstPollOffsetStrategy.UNCOMMITTED_EARLIEST)
            .setOffsetCommitPeriodMs(500)
            .build();
    }

    private static Admin admin(String broker) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", broker);
        return Admin.create(properties);
    }

    private static Map<TopicPartition, Long> committed(Admin admin, String group) {
        try {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    private static Map<TopicPartition, Long> ends(Admin admin, String topic) {
        try {
            int partitions = admin.describeTopics(java.util.List.of(topic)).allTopicNames().get().get(topic).partitions().size();
            Map<TopicPartition, OffsetSpec> wanted = java.util.stream.IntStream.range(0, partitions).boxed()
                .collect(Collectors.toMap(partition -> new TopicPartition(topic, partition), partition -> OffsetSpec.latest()));
            return admin.listOffsets(wanted).all().get().entrySet().stream()
                .filter(entry -> entry.getValue().offset() > 0)
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    private static void await(String what, BooleanSupplier done) throws InterruptedException {
        long until = System.nanoTime() + 120_000_000_000L;
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > until) {
                System.err.println("error: no " + what + " after two minutes, " + seen.get() + " records seen");
                System.exit(1);
            }
            Thread.sleep(100);
        }
    }
}
