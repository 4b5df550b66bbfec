// A page with a stream of events, forms, cookies, and a redirect.
package main

import (
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdaurl"
)

//go:embed page.html
var page string

func main() {
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, page)
	})
	http.HandleFunc("GET /events", events)
	http.HandleFunc("POST /form", form)
	http.HandleFunc("POST /file", file)
	http.HandleFunc("GET /cookies", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, strings.Join(r.Header.Values("Cookie"), "; "))
	})
	http.HandleFunc("GET /old", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/new?"+r.URL.RawQuery, http.StatusFound)
	})
	http.HandleFunc("GET /new", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, strings.Join(r.URL.Query()["a"], "|"))
	})
	lambdaurl.Start(http.DefaultServeMux)
}

// events sends three events, with pauses.
func events(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for number := 1; number <= 3; number++ {
		fmt.Fprintf(w, "id: %d\ndata: event %d\n\n", number, number)
		time.Sleep(200 * time.Millisecond)
	}
}

func form(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name := strings.ReplaceAll(url.QueryEscape(r.PostForm.Get("name")), "+", "%20")
	w.Header().Add("Set-Cookie", "name="+name+"; HttpOnly")
	w.Header().Add("Set-Cookie", "empty="+r.PostForm.Get("empty")+"; Path=/; SameSite=Lax")
	http.Redirect(w, r, "/cookies", http.StatusSeeOther)
}

// file sends the file of a form back.
func file(w http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("file")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", header.Header.Get("Content-Type"))
	io.Copy(w, file)
}
