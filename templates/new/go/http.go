// A web service with net/http, as a Lambda function. It greets the person in the body.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
)

// Greeting is the body of a request: {"name": "Ada"}.
type Greeting struct {
	Name string `json:"name"`
}

// routes returns the routes. They do not need Lambda, so tests and other servers can use them.
func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "Hello")
	})
	mux.HandleFunc("POST /orders/{id}", order)
	return mux
}

func order(w http.ResponseWriter, r *http.Request) {
	var greeting Greeting
	if err := json.NewDecoder(r.Body).Decode(&greeting); err != nil || greeting.Name == "" {
		http.Error(w, `the body must be {"name": "…"}`, http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "Hello, %s. This is order %s.", greeting.Name, r.PathValue("id"))
}

func main() {
	lambda.Start(adapt(routes()))
}
