// Does what its event says; see rust-events as well. An event of a function URL is returned with
// the fields that the types of aws-lambda-go do not know about it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// command is an event that is not from a function URL.
type command struct {
	Do      string `json:"do"`
	Pause   int    `json:"pause"`
	RawPath string `json:"rawPath"`
}

func handle(ctx context.Context, event json.RawMessage) (any, error) {
	var command command
	if err := json.Unmarshal(event, &command); err != nil {
		return nil, err
	}
	if command.RawPath != "" {
		return examine(event), nil
	}
	fmt.Printf("received %s\n", event)
	switch command.Do {
	case "fail":
		return nil, errors.New("this event fails")
	case "exit":
		os.Exit(3)
	case "bytes":
		return everyByte(), nil
	case "stream", "stream-fail":
		return stream(command), nil
	}
	lc, _ := lambdacontext.FromContext(ctx)
	return map[string]any{"event": event, "arn": lc.InvokedFunctionArn, "client": lc.ClientContext}, nil
}

// everyByte is a response that is not text.
func everyByte() io.Reader {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return bytes.NewReader(all)
}

// pieces is a response that is streamed, because it has no JSON.
type pieces struct {
	*io.PipeReader
}

// stream sends three pieces with pauses between them.
func stream(command command) pieces {
	reader, writer := io.Pipe()
	go func() {
		for _, piece := range []string{"one ", "two ", "three "} {
			if _, err := writer.Write([]byte(piece)); err != nil {
				fmt.Println("the response was not read to its end")
				return
			}
			time.Sleep(time.Duration(command.Pause) * time.Millisecond)
		}
		if command.Do == "stream-fail" {
			writer.CloseWithError(errors.New("this stream fails"))
			return
		}
		writer.Close()
	}()
	return pieces{reader}
}

// strict returns the error of decoding an event into a type that must know all of its fields.
func strict(event []byte, into any) string {
	decoder := json.NewDecoder(bytes.NewReader(event))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err.Error()
	}
	return ""
}

func examine(event []byte) any {
	problems := []string{}
	var api events.APIGatewayV2HTTPRequest
	if problem := strict(event, &api); problem != "" {
		problems = append(problems, "HTTP API: "+problem)
	}
	// AWS sends these three fields, but the type for function URLs lacks them.
	var all map[string]any
	if err := json.Unmarshal(event, &all); err != nil {
		return err.Error()
	}
	delete(all, "routeKey")
	if context, ok := all["requestContext"].(map[string]any); ok {
		delete(context, "routeKey")
		delete(context, "stage")
	}
	rest, err := json.Marshal(all)
	if err != nil {
		return err.Error()
	}
	var url events.LambdaFunctionURLRequest
	if problem := strict(rest, &url); problem != "" {
		problems = append(problems, "function URL: "+problem)
	}
	return map[string]any{"event": json.RawMessage(event), "problems": problems, "typed": url}
}

func main() {
	lambda.Start(handle)
}
