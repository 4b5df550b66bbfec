// A Lambda function for the stream of a DynamoDB table. It greets the person in each new item.
package main

import (
	"context"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// greet handles one change. A removed item has no greeting.
func greet(record events.DynamoDBEventRecord) (string, error) {
	item := record.Change.NewImage
	if len(item) == 0 {
		return "", nil
	}
	name, found := item["name"]
	if !found || name.DataType() != events.DataTypeString {
		return "", errors.New(`the item has no "name"`)
	}
	return "Hello, " + name.String(), nil
}

// handle handles a batch of changes. It does not need Lambda, so tests can call it directly.
//
// If the event source mapping has FunctionResponseTypes: [ReportBatchItemFailures], the stream
// continues with the change that failed. Without it, failures are ignored.
func handle(_ context.Context, event events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	response := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, record := range event.Records {
		text, err := greet(record)
		if err != nil {
			log.Printf("change %s: %v", record.EventID, err)
			failure := events.DynamoDBBatchItemFailure{ItemIdentifier: record.Change.SequenceNumber}
			response.BatchItemFailures = append(response.BatchItemFailures, failure)
			// Later changes wait, because they may depend on this one.
			break
		}
		if text != "" {
			log.Print(text)
		}
	}
	return response, nil
}

func main() {
	lambda.Start(handle)
}
