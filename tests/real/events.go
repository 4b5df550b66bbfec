// Reads each sample of an event into the type that AWS's own module has for it, and
// prints its name. A field that the type does not know, or of another kind, ends it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/events"
)

func main() {
	for name, event := range map[string]any{
		"alb":         &events.ALBTargetGroupRequest{},
		"apigw":       &events.APIGatewayV2HTTPRequest{},
		"apigw-rest":  &events.APIGatewayProxyRequest{},
		"dynamodb":    &events.DynamoDBEvent{},
		"eventbridge": &events.EventBridgeEvent{},
		// It has the format of an HTTP API, with fields that its own type lacks.
		"function-url": &events.APIGatewayV2HTTPRequest{},
		"kinesis":      &events.KinesisEvent{},
		"s3":           &events.S3Event{},
		"schedule":     &events.EventBridgeEvent{},
		"sns":          &events.SNSEvent{},
		"sqs":          &events.SQSEvent{},
		"websocket":    &events.APIGatewayWebsocketProxyRequest{},
	} {
		text, err := os.ReadFile(filepath.Join(os.Args[1], name+".json"))
		if err == nil {
			decoder := json.NewDecoder(bytes.NewReader(text))
			decoder.DisallowUnknownFields()
			err = decoder.Decode(event)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, name, err)
			os.Exit(1)
		}
		fmt.Println(name)
	}
}
