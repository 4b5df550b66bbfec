package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// An event from a function URL. To send it: `cargo lambdapack invoke --data @FILE`.
//
//go:embed events/function-url.json
var event string

func answer(t *testing.T, event string) events.LambdaFunctionURLResponse {
	t.Helper()
	var request events.LambdaFunctionURLRequest
	if err := json.Unmarshal([]byte(event), &request); err != nil {
		t.Fatal(err)
	}
	response, err := handle(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestGreetsByName(t *testing.T) {
	got := answer(t, event)
	if got.StatusCode != http.StatusOK || got.Body != "Hello, Ada" {
		t.Errorf("got %d %s", got.StatusCode, got.Body)
	}
}

func TestRefusesABodyWithoutName(t *testing.T) {
	got := answer(t, strings.ReplaceAll(event, "name", "nothing"))
	if got.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d %s", got.StatusCode, got.Body)
	}
}
