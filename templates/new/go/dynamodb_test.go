package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// An event from DynamoDB. To send it: `cargo lambdapack invoke --data @FILE`.
//
//go:embed events/dynamodb.json
var event []byte

func changes(t *testing.T) events.DynamoDBEvent {
	t.Helper()
	var changes events.DynamoDBEvent
	if err := json.Unmarshal(event, &changes); err != nil {
		t.Fatal(err)
	}
	return changes
}

func TestGreetsByName(t *testing.T) {
	event := changes(t)
	if got, err := greet(event.Records[0]); got != "Hello, Ada" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err := greet(event.Records[1]); got != "" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if response, err := handle(context.Background(), event); len(response.BatchItemFailures) != 0 || err != nil {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestTheStreamContinuesWithTheChangeThatFailed(t *testing.T) {
	event := changes(t)
	delete(event.Records[0].Change.NewImage, "name")
	response, err := handle(context.Background(), event)
	if err != nil || len(response.BatchItemFailures) != 1 {
		t.Fatalf("got %v, %v", response, err)
	}
	if got := response.BatchItemFailures[0].ItemIdentifier; got != "111" {
		t.Errorf("got %s", got)
	}
}
