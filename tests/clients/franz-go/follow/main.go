// Follows a topic with franz-go, which does not tell where a partition ends: follow HOST:PORT TOPIC PARTITIONS OFFSET earliest|none.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"thalweg-clients/franz-go/lines"
)

func main() {
	partitions, err := strconv.Atoi(os.Args[3])
	lines.Check(err)
	from, err := strconv.ParseInt(os.Args[4], 10, 64)
	lines.Check(err)
	offsets := map[int32]kgo.Offset{}
	for p := range partitions {
		offsets[int32(p)] = kgo.NewOffset().At(from)
	}
	reset := kgo.NewOffset().AtStart()
	if os.Args[5] == "none" {
		reset = kgo.NoResetOffset()
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(os.Args[1]), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{os.Args[2]: offsets}),
		kgo.ConsumeResetOffset(reset), kgo.FetchMaxWait(100*time.Millisecond),
	)
	lines.Check(err)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	out := bufio.NewWriter(os.Stdout)
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		fetches.EachRecord(func(r *kgo.Record) {
			fmt.Fprintln(out, r.Partition, r.Offset, lines.Field(r.Key), lines.Field(r.Value))
		})
		for _, e := range fetches.Errors() {
			switch {
			case ctx.Err() != nil:
			case errors.Is(e.Err, kerr.OffsetOutOfRange):
				fmt.Fprintln(out, "out-of-range", e.Partition)
			default:
				lines.Check(fmt.Errorf("partition %d: %w", e.Partition, e.Err))
			}
		}
		lines.Check(out.Flush())
	}
	client.Close()
}
