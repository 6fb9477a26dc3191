// Produces what its input says with Apache Kafka's own client: Producer HOST:PORT TOPIC CODEC.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.Properties;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Producer {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("compression.type", args[2]);
        properties.put("enable.idempotence", "true");
        properties.put("reconnect.backoff.max.ms", "200");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            int count = 0;
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] words = line.split(" ");
                int number = count++;
                producer.send(
                        new ProducerRecord<>(args[1], Integer.valueOf(words[0]), field(words[1]), field(words[2])),
                        (metadata, error) -> {
                            if (error != null) {
                                System.err.println(number + ": " + error);
                                Runtime.getRuntime().halt(1);
                            }
                            System.out.println(metadata.partition() + " " + metadata.offset() + " " + number);
                            System.out.flush();
                        });
            }
        }
    }

    private static byte[] field(String text) {
        return text.equals("-") ? null : Base64.getDecoder().decode(text.equals("=") ? "" : text);
    }
}
