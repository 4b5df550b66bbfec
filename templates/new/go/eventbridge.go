// A Lambda function for a rule of EventBridge. It greets the person in the event.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Detail is the detail of an event: {"name": "Ada"}. Other fields are ignored.
type Detail struct {
	Name string `json:"name"`
}

// Response is the result. EventBridge ignores it.
type Response struct {
	Message string `json:"message"`
}

// handle handles one event. It does not need Lambda, so tests can call it directly.
func handle(_ context.Context, event events.EventBridgeEvent) (Response, error) {
	var detail Detail
	if err := json.Unmarshal(event.Detail, &detail); err != nil {
		return Response{}, err
	}
	if detail.Name == "" {
		// EventBridge retries the event twice, then sends it to the dead-letter queue.
		return Response{}, errors.New(`the event has no "name"`)
	}
	message := "Hello, " + detail.Name
	log.Print(message)
	return Response{Message: message}, nil
}

func main() {
	lambda.Start(handle)
}
