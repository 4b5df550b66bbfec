package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestLogsInvocationsAndTheEnd(t *testing.T) {
	if got := handle(Event{EventType: "INVOKE", RequestID: "42"}); got != "invoked with request 42" {
		t.Errorf("got %s", got)
	}
	if got := handle(Event{EventType: "SHUTDOWN", ShutdownReason: "spindown"}); got != "stopping: spindown" {
		t.Errorf("got %s", got)
	}
}

func TestRegistersAndAsksForEventsUntilTheEnd(t *testing.T) {
	events := []string{
		`{"eventType": "INVOKE", "deadlineMs": 1767268803000, "requestId": "42"}`,
		`{"eventType": "SHUTDOWN", "deadlineMs": 1767268805000, "shutdownReason": "spindown"}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if name := r.Header.Get("Lambda-Extension-Name"); name != "counter" {
				t.Errorf("got %s", name)
			}
			w.Header().Set("Lambda-Extension-Identifier", "example")
			fmt.Fprint(w, "{}")
			return
		}
		if id := r.Header.Get("Lambda-Extension-Identifier"); id != "example" {
			t.Errorf("got %s", id)
		}
		fmt.Fprint(w, events[0])
		events = events[1:]
	}))
	defer server.Close()
	if err := run(strings.TrimPrefix(server.URL, "http://"), "counter"); err != nil || len(events) != 0 {
		t.Errorf("got %v, left %v", err, events)
	}
}
