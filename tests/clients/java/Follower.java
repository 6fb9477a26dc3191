// Follows a topic with Apache Kafka's own client: Follower HOST:PORT TOPIC PARTITIONS OFFSET earliest|none.
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public final class Follower {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("auto.offset.reset", args[4]);
        properties.put("enable.auto.commit", "false");
        properties.put("fetch.max.wait.ms", "100");
        properties.put("reconnect.backoff.max.ms", "200");
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
        List<TopicPartition> partitions = new ArrayList<>();
        for (int partition = 0; partition < Integer.parseInt(args[2]); partition++) {
            partitions.add(new TopicPartition(args[1], partition));
        }
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.seek(partition, Long.parseLong(args[3])));
            follow(consumer, partitions, ended);
        }
    }

    private static void follow(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, AtomicBoolean ended) {
        PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16), false);
        Map<TopicPartition, Long> ends = new HashMap<>();
        while (!ended.get()) {
            try {
                for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(100))) {
                    out.println(r.partition() + " " + r.offset() + " " + field(r.key()) + " " + field(r.value()));
                }
            } catch (OffsetOutOfRangeException e) {
                e.partitions().forEach(partition -> out.println("out-of-range " + partition.partition()));
                out.flush();
                return;
            }
            for (TopicPartition partition : partitions) {
                OptionalLong lag = consumer.currentLag(partition);
                if (lag.isPresent() && lag.getAsLong() == 0) {
                    long position = consumer.position(partition);
                    if (!Long.valueOf(position).equals(ends.put(partition, position))) {
                        out.println("end " + partition.partition() + " " + position);
                    }
                }
            }
            out.flush();
        }
    }

    private static String field(byte[] data) {
        if (data == null) {
            return "-";
        }
        return data.length == 0 ? "=" : Base64.getEncoder().encodeToString(data);
    }
}
