package main

import (
	"context"
	"encoding/json"
	"testing"
)

func TestGreetsByName(t *testing.T) {
	var request Request
	if err := json.Unmarshal([]byte(`{"name": "Ada"}`), &request); err != nil {
		t.Fatal(err)
	}
	response, err := handle(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"message":"Hello, Ada"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRefusesAnEventWithoutName(t *testing.T) {
	if _, err := handle(context.Background(), Request{}); err == nil {
		t.Error("an event without a name should be an error")
	}
}
