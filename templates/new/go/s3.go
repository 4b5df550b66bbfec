// A Lambda function for an S3 bucket. It logs the objects that were created.
package main

import (
	"context"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Response is the result. S3 ignores it.
type Response struct {
	Objects []string `json:"objects"`
}

// handle handles changes in a bucket. It does not need Lambda, so tests can call it directly.
// The keys of objects are URL-encoded in the event. The event type has decoded them.
func handle(_ context.Context, event events.S3Event) (Response, error) {
	var response Response
	for _, record := range event.Records {
		bucket, key := record.S3.Bucket.Name, record.S3.Object.URLDecodedKey
		if bucket == "" || key == "" {
			return Response{}, errors.New("the event names no object")
		}
		object := "s3://" + bucket + "/" + key
		log.Print(object)
		response.Objects = append(response.Objects, object)
	}
	return response, nil
}

func main() {
	lambda.Start(handle)
}
