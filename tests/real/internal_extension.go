// A function with an internal extension: it registers before the runtime starts, and
// counts the events that it receives.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/lambda"
)

var base = "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2020-01-01/extension/"

var received atomic.Int64

func register() (string, error) {
	body := strings.NewReader(`{"events":["INVOKE"]}`)
	request, _ := http.NewRequest(http.MethodPost, base+"register", body)
	request.Header.Set("Lambda-Extension-Name", "counter")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", errors.New("unable to register: " + response.Status)
	}
	return response.Header.Get("Lambda-Extension-Identifier"), nil
}

func next(id string) (event struct{ EventType, RequestID string }, err error) {
	request, _ := http.NewRequest(http.MethodGet, base+"event/next", nil)
	request.Header.Set("Lambda-Extension-Identifier", id)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return event, err
	}
	defer response.Body.Close()
	return event, json.NewDecoder(response.Body).Decode(&event)
}

func main() {
	id, err := register()
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			event, err := next(id)
			if err != nil {
				return
			}
			received.Add(1)
			fmt.Println("received", event.EventType, event.RequestID)
		}
	}()
	lambda.Start(func() (int64, error) { return received.Load(), nil })
}
