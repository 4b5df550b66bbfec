// A Lambda function for a function URL. It greets the person in the body.
package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Greeting is the body of a request: {"name": "Ada"}.
type Greeting struct {
	Name string `json:"name"`
}

// handle handles one request. It does not need Lambda, so tests can call it directly.
func handle(_ context.Context, request events.LambdaFunctionURLRequest) (events.LambdaFunctionURLResponse, error) {
	var greeting Greeting
	if err := json.Unmarshal([]byte(request.Body), &greeting); err != nil || greeting.Name == "" {
		// A mistake of the caller is a response. An error here would be our own.
		return text(http.StatusBadRequest, `the body must be {"name": "…"}`), nil
	}
	return text(http.StatusOK, "Hello, "+greeting.Name), nil
}

func text(status int, body string) events.LambdaFunctionURLResponse {
	return events.LambdaFunctionURLResponse{
		StatusCode: status,
		Headers:    map[string]string{"content-type": "text/plain; charset=utf-8"},
		Body:       body,
	}
}

func main() {
	lambda.Start(handle)
}
