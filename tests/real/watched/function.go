// A function whose behavior depends on the path of the request.
package main

import (
	"context"
	_ "embed"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

//go:embed greeting.txt
var greeting string

type request struct {
	RawPath string `json:"rawPath"`
}

func handle(_ context.Context, event request) (string, error) {
	word, rest, _ := strings.Cut(strings.TrimPrefix(event.RawPath, "/"), "/")
	switch word {
	case "panic":
		panic("no more orders")
	case "sleep":
		pause, err := time.ParseDuration(rest + "ms")
		if err != nil {
			return "", err
		}
		time.Sleep(pause)
	case "until":
		for {
			if _, err := os.Stat(rest); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	case "close-stdout":
		os.Stdout.Close()
		os.Stderr.Close()
	case "greeting":
		return greeting, nil
	}
	return version, nil
}

func main() { lambda.Start(handle) }
