// A Lambda function for a schedule of EventBridge. It logs the time for which it was started.
package main

import (
	"context"
	"errors"
	"log"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Response is the result. EventBridge ignores it.
type Response struct {
	Message string `json:"message"`
}

// handle handles one event. It does not need Lambda, so tests can call it directly.
//
// If it fails, Lambda retries the event twice. EventBridge may also send an event twice, so
// use the scheduled time, not the current time, to decide whether the work is done.
func handle(_ context.Context, event events.EventBridgeEvent) (Response, error) {
	if event.Time.IsZero() {
		return Response{}, errors.New("the event has no time")
	}
	message := "Scheduled for " + event.Time.Format(time.RFC3339)
	log.Print(message)
	return Response{Message: message}, nil
}

func main() {
	lambda.Start(handle)
}
