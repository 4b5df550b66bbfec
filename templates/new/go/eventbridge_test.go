package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// An event from EventBridge. To send it: `cargo lambdapack invoke --data @FILE`.
//
//go:embed events/eventbridge.json
var event []byte

func TestGreetsByName(t *testing.T) {
	var sent events.EventBridgeEvent
	if err := json.Unmarshal(event, &sent); err != nil {
		t.Fatal(err)
	}
	response, err := handle(context.Background(), sent)
	if err != nil || response.Message != "Hello, Ada" {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestRefusesAnEventWithoutName(t *testing.T) {
	event := events.EventBridgeEvent{Detail: json.RawMessage("{}")}
	if _, err := handle(context.Background(), event); err == nil {
		t.Error("an event without a name should be an error")
	}
}
