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
//go:embed events/schedule.json
var event []byte

func TestTellsTheScheduledTime(t *testing.T) {
	var sent events.EventBridgeEvent
	if err := json.Unmarshal(event, &sent); err != nil {
		t.Fatal(err)
	}
	response, err := handle(context.Background(), sent)
	if err != nil || response.Message != "Scheduled for 2026-01-01T12:00:00Z" {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestRefusesAnEventWithoutTime(t *testing.T) {
	if _, err := handle(context.Background(), events.EventBridgeEvent{}); err == nil {
		t.Error("an event without a time should be an error")
	}
}
