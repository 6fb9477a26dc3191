// One member of a group on franz-go: group HOST:PORT TOPIC GROUP classic|consumer [INSTANCE].
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The callbacks run beside the poll loop.
type output struct {
	sync.Mutex
	*bufio.Writer
}

func (o *output) rebalance(what string, topics map[string][]int32) {
	o.Lock()
	defer o.Unlock()
	fmt.Fprint(o, what)
	for _, partitions := range topics {
		for _, p := range partitions {
			fmt.Fprint(o, " ", p)
		}
	}
	fmt.Fprintln(o)
	o.Flush()
}

// Commits what was polled, all of which is processed: a rebalance waits for the end of the loop's turn.
func (o *output) commit(ctx context.Context, client *kgo.Client) {
	offsets := client.UncommittedOffsets()
	if len(offsets) == 0 {
		return
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "commit:", err)
		return
	}
	o.Lock()
	defer o.Unlock()
	committed := client.CommittedOffsets()
	for topic, partitions := range offsets {
		for p, offset := range partitions {
			if committed[topic][p] == offset {
				fmt.Fprintln(o, "commit", p, offset.Offset)
			}
		}
	}
	o.Flush()
}

func main() {
	out := &output{Writer: bufio.NewWriter(os.Stdout)}
	options := []kgo.Opt{
		kgo.SeedBrokers(os.Args[1]), kgo.ConsumeTopics(os.Args[2]), kgo.ConsumerGroup(os.Args[3]),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.BlockRebalanceOnPoll(),
		kgo.FetchMaxWait(200 * time.Millisecond),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, topics map[string][]int32) { out.rebalance("assigned", topics) }),
		kgo.OnPartitionsRevoked(func(ctx context.Context, client *kgo.Client, topics map[string][]int32) {
			out.commit(ctx, client)
			out.rebalance("revoked", topics)
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, topics map[string][]int32) { out.rebalance("revoked", topics) }),
	}
	session := 6 * time.Second
	if len(os.Args) > 5 {
		session = 30 * time.Second
		options = append(options, kgo.InstanceID(os.Args[5]))
	}
	if os.Args[4] == "consumer" {
		options = append(options, kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
	} else {
		options = append(options, kgo.SessionTimeout(session), kgo.HeartbeatInterval(500*time.Millisecond))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	for ctx.Err() == nil {
		fetches := client.PollFetches(ctx)
		fetches.EachError(func(_ string, p int32, err error) {
			if ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, "poll:", p, err)
			}
		})
		out.Lock()
		fetches.EachRecord(func(r *kgo.Record) { fmt.Fprintf(out, "record %d %d %s\n", r.Partition, r.Offset, r.Value) })
		out.Flush()
		out.Unlock()
		out.commit(context.Background(), client)
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
}
