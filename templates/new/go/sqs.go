// A Lambda function for an SQS queue. It greets the person in each message.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Greeting is the body of a message: {"name": "Ada"}.
type Greeting struct {
	Name string `json:"name"`
}

// greet handles one message.
func greet(message events.SQSMessage) (string, error) {
	var greeting Greeting
	if err := json.Unmarshal([]byte(message.Body), &greeting); err != nil {
		return "", err
	}
	if greeting.Name == "" {
		return "", errors.New(`the message has no "name"`)
	}
	return "Hello, " + greeting.Name, nil
}

// handle handles a batch of messages. It does not need Lambda, so tests can call it directly.
//
// If the event source mapping has FunctionResponseTypes: [ReportBatchItemFailures], only the
// messages that failed are retried. Without it, failures are ignored.
func handle(_ context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var response events.SQSEventResponse
	for _, message := range event.Records {
		text, err := greet(message)
		if err != nil {
			log.Printf("message %s: %v", message.MessageId, err)
			failure := events.SQSBatchItemFailure{ItemIdentifier: message.MessageId}
			response.BatchItemFailures = append(response.BatchItemFailures, failure)
			continue
		}
		log.Print(text)
	}
	return response, nil
}

func main() {
	lambda.Start(handle)
}
