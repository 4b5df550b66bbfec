// A Lambda function behind an HTTP API of API Gateway: it greets whoever the body names.
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

// handle answers one request. It needs no Lambda around it, so tests call it directly.
func handle(_ context.Context, request events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	var greeting Greeting
	if err := json.Unmarshal([]byte(request.Body), &greeting); err != nil || greeting.Name == "" {
		// An error of the caller is an answer; an error here would be one of ours.
		return text(http.StatusBadRequest, `the body is to be {"name": "…"}`), nil
	}
	return text(http.StatusOK, "Hello, "+greeting.Name), nil
}

func text(status int, body string) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    map[string]string{"content-type": "text/plain; charset=utf-8"},
		Body:       body,
	}
}

func main() {
	lambda.Start(handle)
}
