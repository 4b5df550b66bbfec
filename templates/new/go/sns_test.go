package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// An event from SNS. To send it: `cargo lambdapack invoke --data @FILE`.
//
//go:embed events/sns.json
var event []byte

func notifications(t *testing.T) events.SNSEvent {
	t.Helper()
	var notifications events.SNSEvent
	if err := json.Unmarshal(event, &notifications); err != nil {
		t.Fatal(err)
	}
	return notifications
}

func TestGreetsByName(t *testing.T) {
	response, err := handle(context.Background(), notifications(t))
	if err != nil || !slices.Equal(response.Messages, []string{"Hello, Ada"}) {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestRefusesANotificationWithoutName(t *testing.T) {
	event := notifications(t)
	event.Records[0].SNS.Message = "{}"
	if _, err := handle(context.Background(), event); err == nil {
		t.Error("a notification without a name should be an error")
	}
}
