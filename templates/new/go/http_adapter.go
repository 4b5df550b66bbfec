package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// handler handles the events of HTTP APIs and function URLs, which have the same format.
type handler = func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// adapt lets a handler of net/http handle events.
func adapt(routes http.Handler) handler {
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		request, err := toRequest(ctx, event)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		response := response{header: http.Header{}}
		routes.ServeHTTP(&response, request)
		return response.toEvent(), nil
	}
}

func toRequest(ctx context.Context, event events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(event.Body)
		if err != nil {
			return nil, err
		}
		body = decoded
	}
	about := event.RequestContext
	request, err := http.NewRequestWithContext(ctx, about.HTTP.Method, "/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	path, err := url.PathUnescape(event.RawPath)
	if err != nil {
		path = event.RawPath
	}
	request.URL = &url.URL{Path: path, RawPath: event.RawPath, RawQuery: event.RawQueryString}
	request.RequestURI = request.URL.RequestURI()
	for name, value := range event.Headers {
		request.Header.Set(name, value)
	}
	if len(event.Cookies) > 0 {
		request.Header.Set("Cookie", strings.Join(event.Cookies, "; "))
	}
	request.Host = request.Header.Get("Host")
	request.RemoteAddr = net.JoinHostPort(about.HTTP.SourceIP, "0")
	return request, nil
}

// response collects the output of a handler.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *response) Header() http.Header { return r.header }

func (r *response) WriteHeader(status int) {
	// Lambda cannot send informational responses, such as 103.
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
}

func (r *response) Write(data []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.body.Len() == 0 && r.header.Get("Content-Type") == "" {
		r.header.Set("Content-Type", http.DetectContentType(data))
	}
	return r.body.Write(data)
}

func (r *response) toEvent() events.APIGatewayV2HTTPResponse {
	r.WriteHeader(http.StatusOK)
	event := events.APIGatewayV2HTTPResponse{
		StatusCode: r.status,
		Headers:    map[string]string{},
		Cookies:    r.header.Values("Set-Cookie"),
		Body:       r.body.String(),
	}
	for name, values := range r.header {
		if name != "Set-Cookie" {
			event.Headers[name] = strings.Join(values, ",")
		}
	}
	if !utf8.Valid(r.body.Bytes()) {
		event.Body = base64.StdEncoding.EncodeToString(r.body.Bytes())
		event.IsBase64Encoded = true
	}
	return event
}
