// Answers requests without a route of their own.
package main

import (
	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handle(event events.APIGatewayV2HTTPRequest) (any, error) {
	// API Gateway infers the rest of the response.
	return map[string]any{
		"routeKey":   event.RouteKey,
		"path":       event.RawPath,
		"method":     event.RequestContext.HTTP.Method,
		"parameters": event.PathParameters,
	}, nil
}

func main() {
	lambda.Start(handle)
}
