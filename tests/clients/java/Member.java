// One member of a group on Apache Kafka's own client: Member HOST:PORT TOPIC GROUP eager|cooperative|consumer [INSTANCE].
import java.io.PrintStream;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;

public final class Member implements ConsumerRebalanceListener {
    private final PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);
    private final Map<TopicPartition, OffsetAndMetadata> processed = new HashMap<>();
    private final KafkaConsumer<String, String> consumer;

    private Member(Properties properties) {
        consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("group.id", args[2]);
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        properties.put("reconnect.backoff.max.ms", "200");
        boolean isStatic = args.length > 4;
        if (isStatic) {
            properties.put("group.instance.id", args[4]);
        }
        if (args[3].equals("consumer")) {
            properties.put("group.protocol", "consumer");
        } else {
            Class<?> assignor = args[3].equals("eager") ? RangeAssignor.class : CooperativeStickyAssignor.class;
            properties.put("partition.assignment.strategy", assignor.getName());
            properties.put("session.timeout.ms", isStatic ? "30000" : "6000");
            properties.put("heartbeat.interval.ms", "500");
        }
        AtomicBoolean ended = new AtomicBoolean();
        Thread input = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException e) {
                System.err.println(e);
            }
            ended.set(true);
        });
        input.setDaemon(true);
        input.start();
        new Member(properties).run(args[1], ended);
    }

    private void run(String topic, AtomicBoolean ended) {
        consumer.subscribe(java.util.List.of(topic), this);
        while (!ended.get()) {
            ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
            for (ConsumerRecord<String, String> r : records) {
                out.println("record " + r.partition() + " " + r.offset() + " " + r.value());
                processed.put(new TopicPartition(r.topic(), r.partition()), new OffsetAndMetadata(r.offset() + 1));
            }
            commit(processed.keySet());
        }
        consumer.close();
        out.flush();
    }

    /** Commits what was processed of these partitions; what fails is tried again with the next records. */
    private void commit(Collection<TopicPartition> partitions) {
        out.flush();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>(processed);
        offsets.keySet().retainAll(partitions);
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(offsets);
        } catch (CommitFailedException | RebalanceInProgressException | TimeoutException e) {
            System.err.println("commit: " + e);
            return;
        }
        offsets.forEach((partition, offset) -> out.println("commit " + partition.partition() + " " + offset.offset()));
        processed.keySet().removeAll(offsets.keySet());
        out.flush();
    }

    private void say(String what, Collection<TopicPartition> partitions) {
        out.println(partitions.stream().map(p -> " " + p.partition()).collect(Collectors.joining("", what, "")));
        out.flush();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        say("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        commit(partitions);
        onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        processed.keySet().removeAll(partitions);
        say("revoked", partitions);
    }
}
