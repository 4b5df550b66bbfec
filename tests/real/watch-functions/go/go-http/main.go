// Streams its responses with lambdaurl; see rust-http as well.
package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdaurl"
)

func handle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("X-Method", r.Method)
	http.SetCookie(w, &http.Cookie{Name: "a", Value: "1", Path: "/"})
	http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
	w.WriteHeader(http.StatusCreated)
	if !strings.HasPrefix(r.URL.Path, "/slow/") {
		fmt.Fprintf(w, "%s %s ", r.Method, r.URL.Path)
		io.Copy(w, r.Body)
		return
	}
	for number := range 10 {
		if _, err := fmt.Fprintf(w, "%d\n", number); err != nil {
			fmt.Println("the response was not read to its end")
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	fmt.Printf("finished %s\n", r.URL.Path)
}

func main() {
	lambdaurl.Start(http.HandlerFunc(handle))
}
