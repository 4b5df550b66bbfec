// Calls a function with the AWS SDK for Go. Usage: go-client ENDPOINT FUNCTION
//
// Prints a JSON object for each step. ../python.py and ../javascript.js take the same steps.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
)

const (
	from    = "go"
	account = "123456789012"
)

type facts map[string]any

var (
	client *lambda.Client
	name   string
)

func tell(step string, facts facts) {
	facts["step"] = step
	if err := json.NewEncoder(os.Stdout).Encode(facts); err != nil {
		log.Fatal(err)
	}
}

func encode(event any) []byte {
	if text, ok := event.(string); ok {
		return []byte(text)
	}
	bytes, err := json.Marshal(event)
	if err != nil {
		log.Fatal(err)
	}
	return bytes
}

// option changes an input.
type option func(*lambda.InvokeInput)

// try returns the facts about a response.
func try(event any, options ...option) (facts, error) {
	input := &lambda.InvokeInput{FunctionName: &name, Payload: encode(event)}
	for _, option := range options {
		option(input)
	}
	response, err := client.Invoke(context.Background(), input)
	if err != nil {
		return nil, err
	}
	facts := facts{
		"status":  response.StatusCode,
		"payload": nil,
		"version": response.ExecutedVersion,
		"error":   response.FunctionError,
		"log":     response.LogResult,
	}
	if len(response.Payload) > 0 {
		facts["payload"] = json.RawMessage(response.Payload)
	}
	return facts, nil
}

func invoke(event any, options ...option) facts {
	facts, err := try(event, options...)
	if err != nil {
		log.Fatal(err)
	}
	return facts
}

func fail(step string, event any, options ...option) {
	all, err := try(event, options...)
	if err == nil {
		tell(step, all)
		return
	}
	var api smithy.APIError
	var response *awshttp.ResponseError
	if !errors.As(err, &api) || !errors.As(err, &response) {
		log.Fatal(err)
	}
	// Errors that the API model lacks have this type.
	_, isGeneric := api.(*smithy.GenericAPIError)
	tell(step, facts{
		"code":    api.ErrorCode(),
		"typed":   !isGeneric,
		"status":  response.HTTPStatusCode(),
		"message": api.ErrorMessage(),
	})
}

func stream(step string, event any) {
	input := &lambda.InvokeWithResponseStreamInput{FunctionName: &name, Payload: encode(event)}
	response, err := client.InvokeWithResponseStream(context.Background(), input)
	if err != nil {
		log.Fatal(err)
	}
	var text bytes.Buffer
	var first time.Time
	var complete any
	for part := range response.GetStream().Events() {
		switch part := part.(type) {
		case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
			text.Write(part.Value.Payload)
			if first.IsZero() && strings.Contains(text.String(), "one") {
				first = time.Now()
			}
		case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
			complete = map[string]any{
				"ErrorCode":    part.Value.ErrorCode,
				"ErrorDetails": part.Value.ErrorDetails,
				"LogResult":    part.Value.LogResult,
			}
		}
	}
	if err := response.GetStream().Err(); err != nil {
		log.Fatal(err)
	}
	all := facts{"text": text.String(), "ahead": nil, "complete": complete, "status": response.StatusCode}
	if !first.IsZero() {
		all["ahead"] = time.Since(first).Seconds()
	}
	tell(step, all)
}

func main() {
	endpoint := os.Args[1]
	name = os.Args[2]
	credentials := func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "none", SecretAccessKey: "none"}, nil
	}
	client = lambda.New(lambda.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		Credentials:  aws.CredentialsProviderFunc(credentials),
	})
	arn := "arn:aws:lambda:us-east-1:" + account + ":function:" + name
	isType := func(kind types.InvocationType) option {
		return func(input *lambda.InvokeInput) { input.InvocationType = kind }
	}
	named := func(name string) option {
		return func(input *lambda.InvokeInput) { input.FunctionName = &name }
	}
	qualified := func(qualifier string) option {
		return func(input *lambda.InvokeInput) { input.Qualifier = &qualifier }
	}

	tell("sync", invoke(facts{"do": "echo", "value": "ä", "client": from}))
	tell("event", invoke(facts{"do": "event", "client": from}, isType(types.InvocationTypeEvent)))
	tell("dry-run", invoke(facts{"do": "dry-run", "client": from}, isType(types.InvocationTypeDryRun)))
	tail := func(input *lambda.InvokeInput) { input.LogType = types.LogTypeTail }
	tell("tail", invoke(facts{"do": "tail", "client": from}, tail))
	tell("error", invoke(facts{"do": "fail", "client": from}))
	fail("missing", facts{}, named(name+"x"))
	fail("invalid", "{")
	fail("large", `"`+strings.Repeat("x", 6*1024*1024-1)+`"`)
	fail("large-event", `"`+strings.Repeat("x", 1024*1024-1)+`"`, isType(types.InvocationTypeEvent))
	// The context is base64 of JSON.
	clientContext := "eyJjdXN0b20iOnsia2V5IjoidmFsdWUifX0="
	tell("context", invoke(facts{"client": from}, func(input *lambda.InvokeInput) {
		input.ClientContext = &clientContext
	}))
	names := [][]option{
		{},
		{named(name + ":$LATEST")},
		{qualified("$LATEST")},
		{named(account + ":function:" + name)},
		{named(arn)},
		{named(arn + ":live")},
		{named(arn), qualified("live")},
	}
	arns := []any{}
	for _, options := range names {
		var payload map[string]any
		raw := invoke(facts{"client": from}, options...)["payload"].(json.RawMessage)
		if err := json.Unmarshal(raw, &payload); err != nil {
			log.Fatal(err)
		}
		arns = append(arns, payload["arn"])
	}
	tell("names", facts{"arns": arns})
	stream("stream", facts{"do": "stream", "pause": 300, "client": from})
	stream("stream-fail", facts{"do": "stream-fail", "pause": 10, "client": from})
	stream("stream-error", facts{"do": "fail", "client": from + " stream"})
}
