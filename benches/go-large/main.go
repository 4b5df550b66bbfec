// A large function: every operation of three AWS services, called by name, so
// that the linker can leave out none of them.
package main

import (
	"context"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type call struct{ Service, Operation string }

func main() {
	clients := map[string]any{
		"dynamodb": dynamodb.New(dynamodb.Options{}),
		"ec2":      ec2.New(ec2.Options{}),
		"s3":       s3.New(s3.Options{}),
	}
	lambda.Start(func(_ context.Context, call call) (bool, error) {
		client := reflect.ValueOf(clients[call.Service])
		return client.MethodByName(call.Operation).IsValid(), nil
	})
}
