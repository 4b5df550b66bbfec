// A Lambda function behind an S3 bucket: it tells which objects were made.
package main

import (
	"context"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Response is the answer; S3 itself asks for none.
type Response struct {
	Objects []string `json:"objects"`
}

// handle takes what happened in a bucket. It needs no Lambda around it, so tests call it
// directly. An object's key comes as in a URL, and is decoded here already.
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
