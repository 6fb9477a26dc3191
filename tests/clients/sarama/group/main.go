// One member of a group on sarama: group HOST:PORT TOPIC GROUP classic [INSTANCE].
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

// Claims are consumed by a goroutine each; a line is one write.
type member struct {
	sync.Mutex
	topic string
}

func (m *member) say(format string, arguments ...any) {
	m.Lock()
	defer m.Unlock()
	fmt.Fprintf(os.Stdout, format, arguments...)
}

func (m *member) rebalance(what string, session sarama.ConsumerGroupSession) {
	line := what
	for _, p := range session.Claims()[m.topic] {
		line += fmt.Sprint(" ", p)
	}
	m.say("%s\n", line)
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.rebalance("assigned", session)
	return nil
}

func (m *member) Cleanup(session sarama.ConsumerGroupSession) error {
	m.rebalance("revoked", session)
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case r, open := <-claim.Messages():
			if !open {
				return nil
			}
			m.say("record %d %d %s\n", r.Partition, r.Offset, r.Value)
			session.MarkMessage(r, "")
		case <-session.Context().Done():
			return nil
		}
	}
}

func main() {
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Consumer.Return.Errors = true
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Group.Session.Timeout = 6 * time.Second
	config.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	if len(os.Args) > 5 {
		config.Consumer.Group.InstanceId = os.Args[5]
		config.Consumer.Group.Session.Timeout = 30 * time.Second
	}
	group, err := sarama.NewConsumerGroup([]string{os.Args[1]}, os.Args[3], config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		for err := range group.Errors() {
			fmt.Fprintln(os.Stderr, "group:", err)
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{os.Args[2]}, &member{topic: os.Args[2]}); err != nil {
			fmt.Fprintln(os.Stderr, "consume:", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
	if err := group.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "close:", err)
		os.Exit(1)
	}
}
