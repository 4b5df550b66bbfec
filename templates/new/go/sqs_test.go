package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// An event from SQS. To send it: `cargo lambdapack invoke --data @FILE`.
//
//go:embed events/sqs.json
var event []byte

func messages(t *testing.T) events.SQSEvent {
	t.Helper()
	var messages events.SQSEvent
	if err := json.Unmarshal(event, &messages); err != nil {
		t.Fatal(err)
	}
	return messages
}

func TestGreetsByName(t *testing.T) {
	event := messages(t)
	if got, err := greet(event.Records[0]); got != "Hello, Ada" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if response, err := handle(context.Background(), event); len(response.BatchItemFailures) != 0 || err != nil {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestOnlyTheMessageThatFailedComesAgain(t *testing.T) {
	event := messages(t)
	event.Records[1].Body = "no JSON"
	response, err := handle(context.Background(), event)
	if err != nil || len(response.BatchItemFailures) != 1 {
		t.Fatalf("got %v, %v", response, err)
	}
	if got := response.BatchItemFailures[0].ItemIdentifier; got != event.Records[1].MessageId {
		t.Errorf("got %s", got)
	}
}
