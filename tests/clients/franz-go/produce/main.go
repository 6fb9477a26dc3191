// Produces what its input says with franz-go: produce HOST:PORT TOPIC CODEC.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"thalweg-clients/franz-go/lines"
)

func main() {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Args[1]), kgo.DefaultProduceTopic(os.Args[2]), kgo.ProducerBatchCompression(codecs[os.Args[3]]),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond),
	)
	lines.Check(err)
	defer client.Close()
	var printing sync.Mutex
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<22)
	for number := 0; input.Scan(); number++ {
		words := strings.Fields(input.Text())
		partition, err := strconv.Atoi(words[0])
		lines.Check(err)
		record := &kgo.Record{Partition: int32(partition), Key: lines.Bytes(words[1]), Value: lines.Bytes(words[2])}
		client.Produce(context.Background(), record, func(r *kgo.Record, err error) {
			lines.Check(err)
			printing.Lock()
			defer printing.Unlock()
			fmt.Println(r.Partition, r.Offset, number)
		})
	}
	lines.Check(input.Err())
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	lines.Check(client.Flush(ctx))
}
