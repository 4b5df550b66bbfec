// An extension without any library. It prints its events and telemetry, and does not ask for
// its next event before the function has finished the current one.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

var api = "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API")

type telemetryEvent struct {
	Type   string
	Record json.RawMessage
}

// call sends a request to the Extensions API or the Telemetry API.
func call(method, path, header, value, body string) (*http.Response, error) {
	request, err := http.NewRequest(method, api+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set(header, value)
	response, err := http.DefaultClient.Do(request)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return response, err
}

func register() (string, error) {
	name := filepath.Base(os.Args[0])
	body := `{"events":["INVOKE","SHUTDOWN"]}`
	response, err := call(http.MethodPost, "/2020-01-01/extension/register",
		"Lambda-Extension-Name", name, body)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	return response.Header.Get("Lambda-Extension-Identifier"), nil
}

func subscribe(id string, port int) error {
	body := fmt.Sprintf(`{
		"schemaVersion": "2022-12-13",
		"types": ["platform", "function", "extension"],
		"buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
		"destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:%d/go"}
	}`, port)
	response, err := call(http.MethodPut, "/2022-07-01/telemetry",
		"Lambda-Extension-Identifier", id, body)
	if err == nil {
		response.Body.Close()
	}
	return err
}

func run() error {
	id, err := register()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	done := make(chan struct{}, 100)
	go http.Serve(listener, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var events []telemetryEvent
		if err := json.NewDecoder(r.Body).Decode(&events); err != nil {
			fmt.Println("invalid telemetry:", err)
		}
		for _, event := range events {
			switch {
			case event.Type == "platform.runtimeDone":
				done <- struct{}{}
			case event.Type != "extension":
				fmt.Println(event.Type, string(event.Record))
			// Its own lines come back as well.
			case strings.HasPrefix(string(event.Record), `"INVOKE`):
				fmt.Println("extension line", string(event.Record))
			}
		}
	}))
	if err := subscribe(id, listener.Addr().(*net.TCPAddr).Port); err != nil {
		return err
	}
	for {
		response, err := call(http.MethodGet, "/2020-01-01/extension/event/next",
			"Lambda-Extension-Identifier", id, "")
		if err != nil {
			return err
		}
		var event struct{ EventType, RequestID, ShutdownReason string }
		err = json.NewDecoder(response.Body).Decode(&event)
		response.Body.Close()
		if err != nil {
			return err
		}
		fmt.Println(event.EventType, event.RequestID+event.ShutdownReason)
		if event.EventType == "SHUTDOWN" {
			return nil
		}
		<-done
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
