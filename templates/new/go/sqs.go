// A Lambda function behind an SQS queue: it greets whoever a message names.
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

// greet does what one message asks for.
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

// handle takes a batch of messages. It needs no Lambda around it, so tests call it directly.
//
// Only the messages that failed come again, where the event source mapping has
// FunctionResponseTypes: [ReportBatchItemFailures]; without it, one failure is none.
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
