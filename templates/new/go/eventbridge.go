// A Lambda function behind a rule of EventBridge: it greets whoever the event names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Detail is the detail of an event: {"name": "Ada"}, and whatever else there is.
type Detail struct {
	Name string `json:"name"`
}

// Response is the answer; EventBridge itself asks for none.
type Response struct {
	Message string `json:"message"`
}

// handle takes one event. It needs no Lambda around it, so tests call it directly.
func handle(_ context.Context, event events.EventBridgeEvent) (Response, error) {
	var detail Detail
	if err := json.Unmarshal(event.Detail, &detail); err != nil {
		return Response{}, err
	}
	if detail.Name == "" {
		// EventBridge gives the event again, twice, and then to the dead-letter queue.
		return Response{}, errors.New(`the event has no "name"`)
	}
	message := "Hello, " + detail.Name
	log.Print(message)
	return Response{Message: message}, nil
}

func main() {
	lambda.Start(handle)
}
