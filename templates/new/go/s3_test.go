package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// An event from S3. To send it: `cargo lambdapack invoke --data @FILE`.
//
//go:embed events/s3.json
var event []byte

func made(t *testing.T) events.S3Event {
	t.Helper()
	var made events.S3Event
	if err := json.Unmarshal(event, &made); err != nil {
		t.Fatal(err)
	}
	return made
}

func TestTellsTheObjectWithItsKeyDecoded(t *testing.T) {
	response, err := handle(context.Background(), made(t))
	want := []string{"s3://orders/2026/an order.json"}
	if err != nil || !slices.Equal(response.Objects, want) {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestRefusesAnEventWithoutObject(t *testing.T) {
	event := made(t)
	event.Records[0].S3.Bucket.Name = ""
	if _, err := handle(context.Background(), event); err == nil {
		t.Error("an event without an object should be an error")
	}
}
