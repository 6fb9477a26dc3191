// Reads a topic with sarama: main HOST:PORT TOPIC PARTITIONS.
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/IBM/sarama"
)

func field(data []byte) string {
	switch {
	case data == nil:
		return "-"
	case len(data) == 0:
		return "="
	}
	return base64.StdEncoding.EncodeToString(data)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func read(out *bufio.Writer, client sarama.Client, consumer sarama.Consumer, topic string, partition int32) {
	end, err := client.GetOffset(topic, partition, sarama.OffsetNewest)
	check(err)
	if end == 0 {
		return
	}
	reader, err := consumer.ConsumePartition(topic, partition, 0)
	check(err)
	defer reader.Close()
	for {
		select {
		case r := <-reader.Messages():
			fmt.Fprintln(out, r.Partition, r.Offset, field(r.Key), field(r.Value))
			if r.Offset+1 >= end {
				return
			}
		case err := <-reader.Errors():
			check(err)
		case <-time.After(30 * time.Second):
			check(fmt.Errorf("partition %d: nothing came for 30 s", partition))
		}
	}
}

func main() {
	broker, topic := os.Args[1], os.Args[2]
	partitions, err := strconv.Atoi(os.Args[3])
	check(err)
	config := sarama.NewConfig()
	config.Version = sarama.MaxVersion
	config.Consumer.Return.Errors = true
	client, err := sarama.NewClient([]string{broker}, config)
	check(err)
	defer client.Close()
	consumer, err := sarama.NewConsumerFromClient(client)
	check(err)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for p := range partitions {
		read(out, client, consumer, topic, int32(p))
	}
}
