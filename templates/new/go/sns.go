// A Lambda function for an SNS topic. It greets the person in each notification.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Greeting is the message of a notification: {"name": "Ada"}.
type Greeting struct {
	Name string `json:"name"`
}

// Response is the result. SNS ignores it.
type Response struct {
	Messages []string `json:"messages"`
}

// handle handles notifications. It does not need Lambda, so tests can call it directly.
//
// If it fails, Lambda retries the event twice, then sends it to the dead-letter queue.
func handle(_ context.Context, event events.SNSEvent) (Response, error) {
	var response Response
	for _, record := range event.Records {
		var greeting Greeting
		if err := json.Unmarshal([]byte(record.SNS.Message), &greeting); err != nil {
			return Response{}, err
		}
		if greeting.Name == "" {
			return Response{}, errors.New(`the message has no "name"`)
		}
		message := "Hello, " + greeting.Name
		log.Print(message)
		response.Messages = append(response.Messages, message)
	}
	return response, nil
}

func main() {
	lambda.Start(handle)
}
