import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.split;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.timestamp_millis;
import static org.apache.spark.sql.functions.window;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;

/**
 * Sums the amounts of each key in windows of five minutes, with a watermark of ten seconds, from records `MILLISECONDS AMOUNT`.
 *
 * `stream BROKER TOPIC FOLDER RECORDS DEPRECATED [BATCHES]` runs up to the ends of the partitions, so many records a batch, and dies
 * without a word after BATCHES; DEPRECATED `true` finds the offsets by a consumer in a group instead of the admin client.
 * `print FOLDER` prints what the stream has written: start of the window, key, count, sum.
 */
public class Job {
    public static void main(String[] args) throws Exception {
        SparkSession spark = SparkSession.builder().master("local[2]").appName("windows")
            .config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC").config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1").config("spark.log.structuredLogging.enabled", "false").getOrCreate();
        if (args[0].equals("stream")) {
            int dieAfter = args.length > 6 ? Integer.parseInt(args[6]) : Integer.MAX_VALUE;
            stream(spark, args[1], args[2], args[3], args[4], args[5], dieAfter);
        }
        print(spark, args[0].equals("stream") ? args[3] : args[1]);
        System.out.flush();
        spark.stop();
    }

    private static void stream(SparkSession spark, String broker, String topic, String folder, String records, String deprecated,
            int dieAfter) throws Exception {
        spark.conf().set("spark.sql.streaming.kafka.useDeprecatedOffsetFetching", deprecated);
        DataStreamReader reader = spark.readStream().format("kafka").option("kafka.bootstrap.servers", broker)
            .option("subscribe", topic).option("startingOffsets", "earliest").option("maxOffsetsPerTrigger", records);
        Column parts = split(col("value").cast("string"), " ");
        Dataset<Row> events = reader.load().select(col("key").cast("string").as("key"),
            timestamp_millis(parts.getItem(0).cast("long")).as("time"), parts.getItem(1).cast("long").as("amount"));
        Dataset<Row> windows = events.withWatermark("time", "10 seconds").groupBy(window(col("time"), "5 minutes"), col("key"))
            .agg(count(lit(1)).as("count"), sum("amount").as("sum"))
            .select(col("window.start").cast("long").as("start"), col("key"), col("count"), col("sum"));
        spark.streams().addListener(new Watch(dieAfter));
        StreamingQuery query = windows.writeStream().outputMode("append").format("json").option("path", folder + "/out")
            .option("checkpointLocation", folder + "/checkpoint").trigger(Trigger.AvailableNow()).start();
        query.awaitTermination();
    }

    private static void print(SparkSession spark, String folder) {
        StructType shape = new StructType().add("start", "long").add("key", "string").add("count", "long").add("sum", "long");
        for (Row row : spark.read().schema(shape).json(folder + "/out").orderBy("start", "key").collectAsList()) {
            System.out.println(row.getLong(0) + " " + row.getString(1) + " " + row.getLong(2) + " " + row.getLong(3));
        }
    }

    /** Ends the process when so many batches have been done. */
    private static final class Watch extends StreamingQueryListener {
        private final int dieAfter;
        private int batches;

        Watch(int dieAfter) {
            this.dieAfter = dieAfter;
        }

        @Override
        public void onQueryStarted(QueryStartedEvent event) {
        }

        @Override
        public void onQueryProgress(QueryProgressEvent event) {
            batches += 1;
            System.err.println("batch " + event.progress().batchId() + ", " + event.progress().numInputRows() + " records, "
                + event.progress().eventTime());
            if (batches >= dieAfter) {
                Runtime.getRuntime().halt(77);
            }
        }

        @Override
        public void onQueryTerminated(QueryTerminatedEvent event) {
        }
    }
}
