// Serves a page whose scripts use the other functions.
package main

import (
	_ "embed"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"
)

//go:embed page.html
var page string

// response is valid in every payload format.
type response struct {
	StatusCode        int                 `json:"statusCode"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Body              string              `json:"body"`
}

func handle(json.RawMessage) (response, error) {
	const name, html = "content-type", "text/html; charset=utf-8"
	return response{200, map[string]string{name: html}, map[string][]string{name: {html}}, page}, nil
}

func main() {
	lambda.Start(handle)
}
