// One member of a group on segmentio/kafka-go: group HOST:PORT TOPIC GROUP classic.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// The reader tells of its assignment only in its log.
type watch struct {
	sync.Mutex
	owned []string
}

var pair = regexp.MustCompile(`partition:(\d+)`)

func (w *watch) Printf(format string, arguments ...any) {
	if !strings.HasPrefix(format, "subscribed to topics and partitions") {
		return
	}
	w.Lock()
	defer w.Unlock()
	fmt.Fprintln(os.Stdout, strings.Join(append([]string{"revoked"}, w.owned...), " "))
	w.owned = nil
	for _, found := range pair.FindAllStringSubmatch(fmt.Sprintf(format, arguments...), -1) {
		w.owned = append(w.owned, found[1])
	}
	fmt.Fprintln(os.Stdout, strings.Join(append([]string{"assigned"}, w.owned...), " "))
}

// Up to 100 records, processed.
func some(ctx context.Context, reader *kafka.Reader, complain func(string, ...any)) []kafka.Message {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	var messages []kafka.Message
	for len(messages) < 100 {
		m, err := reader.FetchMessage(ctx)
		if err != nil {
			if ctx.Err() == nil {
				complain("fetch: %v", err)
			}
			break
		}
		fmt.Fprintf(os.Stdout, "record %d %d %s\n", m.Partition, m.Offset, m.Value)
		messages = append(messages, m)
	}
	return messages
}

func main() {
	complain := func(format string, arguments ...any) { fmt.Fprintf(os.Stderr, format+"\n", arguments...) }
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{os.Args[1]}, Topic: os.Args[2], GroupID: os.Args[3], StartOffset: kafka.FirstOffset,
		SessionTimeout: 6 * time.Second, HeartbeatInterval: 500 * time.Millisecond, MaxWait: time.Second,
		ReadBackoffMax: 200 * time.Millisecond, JoinGroupBackoff: 500 * time.Millisecond,
		Logger: &watch{}, ErrorLogger: kafka.LoggerFunc(complain),
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	for ctx.Err() == nil {
		messages := some(ctx, reader, complain)
		if len(messages) == 0 {
			continue
		}
		// Not told: the reader may hand a commit to its next generation, which has asked by then where to start.
		if err := reader.CommitMessages(context.Background(), messages...); err != nil {
			complain("commit: %v", err)
		}
	}
	if err := reader.Close(); err != nil {
		complain("close: %v", err)
		os.Exit(1)
	}
}
