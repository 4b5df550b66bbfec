// An extension of Lambda. It runs next to a function, and logs when it is invoked and stopped.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// Event is an event for an extension.
type Event struct {
	EventType      string `json:"eventType"`
	DeadlineMs     int64  `json:"deadlineMs"`
	RequestID      string `json:"requestId"`
	ShutdownReason string `json:"shutdownReason"`
}

// handle handles one event. It does not need Lambda, so tests can call it directly. The
// function runs at the same time, but Lambda ends the invocation only after this is done as well.
func handle(event Event) string {
	if event.EventType == "SHUTDOWN" {
		// At most two seconds are left, for example to send data.
		return "stopping: " + event.ShutdownReason
	}
	return "invoked with request " + event.RequestID
}

// run registers the extension, and handles events until the environment ends.
func run(api, name string) error {
	url := "http://" + api + "/2020-01-01/extension/"
	register, err := http.NewRequest(http.MethodPost, url+"register", strings.NewReader(`{"events":["INVOKE","SHUTDOWN"]}`))
	if err != nil {
		return err
	}
	register.Header.Set("Lambda-Extension-Name", name)
	header, err := send(register, nil)
	if err != nil {
		return err
	}
	for {
		next, err := http.NewRequest(http.MethodGet, url+"event/next", nil)
		if err != nil {
			return err
		}
		next.Header.Set("Lambda-Extension-Identifier", header.Get("Lambda-Extension-Identifier"))
		var event Event
		if _, err := send(next, &event); err != nil {
			return err
		}
		fmt.Println(handle(event))
		if event.EventType == "SHUTDOWN" {
			return nil
		}
	}
}

// send sends a request, and reads the response into result. The next event can take as long as
// the environment exists, so there is no timeout.
func send(request *http.Request, result any) (http.Header, error) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", request.URL.Path, response.Status)
	}
	if result != nil {
		err = json.NewDecoder(response.Body).Decode(result)
	}
	return response.Header, err
}

func main() {
	// Lambda knows an extension by the name of its file.
	name := filepath.Base(os.Args[0])
	if err := run(os.Getenv("AWS_LAMBDA_RUNTIME_API"), name); err != nil {
		log.Fatal(err)
	}
}
