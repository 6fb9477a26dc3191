// Reads a topic with franz-go: main HOST:PORT TOPIC PARTITIONS.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"thalweg-clients/franz-go/lines"
)

func main() {
	broker, topic := os.Args[1], os.Args[2]
	partitions, err := strconv.Atoi(os.Args[3])
	lines.Check(err)
	offsets := map[int32]kgo.Offset{}
	for p := range partitions {
		offsets[int32(p)] = kgo.NewOffset().At(0)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: offsets}))
	lines.Check(err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	lines.Check(err)
	left := int64(0)
	ends.Each(func(o kadm.ListedOffset) {
		lines.Check(o.Err)
		left += o.Offset
	})

	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for left > 0 {
		fetches := client.PollFetches(ctx)
		for _, e := range fetches.Errors() {
			lines.Check(fmt.Errorf("partition %d: %w", e.Partition, e.Err))
		}
		fetches.EachRecord(func(r *kgo.Record) {
			fmt.Fprintln(out, r.Partition, r.Offset, lines.Field(r.Key), lines.Field(r.Value))
			left--
		})
	}
}
