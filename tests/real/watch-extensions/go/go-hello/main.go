// A function that prints its event and sends it back.
package main

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(event json.RawMessage) (json.RawMessage, error) {
		fmt.Println("go-hello received", string(event))
		return event, nil
	})
}
