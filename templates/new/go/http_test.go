package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// An event from API Gateway. To send it: `cargo lambdapack invoke --data @FILE`.
//
//go:embed events/apigw.json
var event string

func answer(t *testing.T, routes http.Handler, event string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	var request events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(event), &request); err != nil {
		t.Fatal(err)
	}
	response, err := adapt(routes)(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestGreetsByName(t *testing.T) {
	got := answer(t, routes(), event)
	if got.StatusCode != http.StatusOK || got.Body != "Hello, Ada. This is order 42." {
		t.Errorf("got %d %s", got.StatusCode, got.Body)
	}
	if kind := got.Headers["Content-Type"]; kind != "text/plain; charset=utf-8" {
		t.Errorf("got %s", kind)
	}
}

func TestRefusesABodyWithoutName(t *testing.T) {
	got := answer(t, routes(), strings.ReplaceAll(event, "name", "nothing"))
	if got.StatusCode != http.StatusBadRequest {
		t.Errorf("got %d %s", got.StatusCode, got.Body)
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	got := answer(t, routes(), strings.ReplaceAll(event, "/orders/", "/users/"))
	if got.StatusCode != http.StatusNotFound {
		t.Errorf("got %d %s", got.StatusCode, got.Body)
	}
}

func TestRequestsAndResponsesAreComplete(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.Host == "" || r.Header.Get("User-Agent") == "" {
			t.Errorf("got %v", r)
		}
		if colors := r.URL.Query()["color"]; !slices.Equal(colors, []string{"red", "blue"}) {
			t.Errorf("got %v", colors)
		}
		for _, cookie := range r.Cookies() {
			http.SetCookie(w, cookie)
		}
		w.WriteHeader(http.StatusCreated)
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(append([]byte{0xff}, body...))
	}
	got := answer(t, http.HandlerFunc(echo), event)
	if got.StatusCode != http.StatusCreated || !got.IsBase64Encoded || len(got.Cookies) != 2 {
		t.Errorf("got %v", got)
	}
}
