// Answers events of HTTP APIs, REST APIs, and load balancers with the types of aws-lambda-go; see
// users as well. The query parameter `answer` selects the response.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

var png = base64.StdEncoding.EncodeToString([]byte{0x89, 'P', 0, 0xff})

// probe tells the formats of events apart.
type probe struct {
	Together       int64  `json:"together"`
	Version        string `json:"version"`
	RequestContext struct {
		ELB *struct{} `json:"elb"`
	} `json:"requestContext"`
}

// report has the values that the test compares.
type report struct {
	Event      json.RawMessage   `json:"event"`
	Unknown    []string          `json:"unknown"`
	Method     string            `json:"method"`
	Parameters map[string]string `json:"parameters"`
	Query      []string          `json:"query"`
	Header     []string          `json:"header"`
	Cookies    []string          `json:"cookies"`
}

func (r report) String() string {
	text, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

var multiple = map[string][]string{
	"x-many":     {"1", "2"},
	"set-cookie": {"a=1; Path=/", "b=2"},
}

func handle(event json.RawMessage) (any, error) {
	var probe probe
	if err := json.Unmarshal(event, &probe); err != nil {
		return nil, err
	}
	switch {
	case probe.Together > 0:
		return together(probe.Together), nil
	case probe.RequestContext.ELB != nil:
		return loadBalancer(event)
	case probe.Version == "2.0":
		return httpAPI(event)
	}
	return restAPI(event)
}

// decode returns the fields that AWS sends and the type lacks, apart from those that are known.
func decode(event []byte, into any) ([]string, error) {
	var fields map[string]any
	if err := json.Unmarshal(event, &fields); err != nil {
		return nil, err
	}
	context, _ := fields["requestContext"].(map[string]any)
	if identity, ok := context["identity"].(map[string]any); ok {
		delete(fields, "version")
		delete(context, "deploymentId")
		delete(identity, "cognitoAmr")
		delete(identity, "principalOrgId")
	}
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(rest))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return []string{err.Error()}, nil
	}
	return []string{}, nil
}

func httpAPI(event json.RawMessage) (any, error) {
	var request events.APIGatewayV2HTTPRequest
	unknown, err := decode(event, &request)
	if err != nil {
		return nil, err
	}
	switch request.QueryStringParameters["answer"] {
	case "fail":
		return nil, errors.New("this event fails")
	case "inferred":
		return map[string]bool{"inferred": true}, nil
	case "binary":
		return events.APIGatewayV2HTTPResponse{
			StatusCode:      201,
			Headers:         map[string]string{"content-type": "image/png", "x-many": "1,2"},
			Cookies:         multiple["set-cookie"],
			Body:            png,
			IsBase64Encoded: true,
		}, nil
	}
	report := report{
		event, unknown, request.RequestContext.HTTP.Method, request.PathParameters,
		[]string{request.QueryStringParameters["x"]}, []string{request.Headers["x-many"]},
		request.Cookies,
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: 200,
		Headers:    map[string]string{"content-type": "application/json"},
		Body:       report.String(),
	}, nil
}

func restAPI(event json.RawMessage) (any, error) {
	var request events.APIGatewayProxyRequest
	unknown, err := decode(event, &request)
	if err != nil {
		return nil, err
	}
	switch request.QueryStringParameters["answer"] {
	case "fail":
		return nil, errors.New("this event fails")
	case "inferred":
		return map[string]bool{"inferred": true}, nil
	case "binary":
		return events.APIGatewayProxyResponse{
			StatusCode:        201,
			Headers:           map[string]string{"content-type": "image/png"},
			MultiValueHeaders: multiple,
			Body:              png,
			IsBase64Encoded:   true,
		}, nil
	}
	report := report{
		event, unknown, request.HTTPMethod, request.PathParameters,
		request.MultiValueQueryStringParameters["x"], request.MultiValueHeaders["X-Many"],
		request.MultiValueHeaders["Cookie"],
	}
	return events.APIGatewayProxyResponse{
		StatusCode: 200,
		Headers:    map[string]string{"content-type": "application/json"},
		Body:       report.String(),
	}, nil
}

func loadBalancer(event json.RawMessage) (any, error) {
	var request events.ALBTargetGroupRequest
	unknown, err := decode(event, &request)
	if err != nil {
		return nil, err
	}
	hasLists := request.MultiValueHeaders != nil
	query, headers := request.MultiValueQueryStringParameters, request.MultiValueHeaders
	if !hasLists {
		query, headers = lists(request.QueryStringParameters), lists(request.Headers)
	}
	sent := map[string][]string{"content-type": {"application/json"}}
	response := events.ALBTargetGroupResponse{StatusCode: 200, StatusDescription: "200 OK"}
	switch first(query["answer"]) {
	case "fail":
		return nil, errors.New("this event fails")
	case "inferred":
		return map[string]bool{"inferred": true}, nil
	case "binary":
		response.StatusCode, response.StatusDescription = 201, "201 Created"
		response.Body, response.IsBase64Encoded = png, true
		sent["content-type"] = []string{"image/png"}
		for name, values := range multiple {
			sent[name] = values
		}
	default:
		response.Body = report{
			event, unknown, request.HTTPMethod, nil,
			query["x"], headers["x-many"], headers["cookie"],
		}.String()
	}
	if hasLists {
		response.MultiValueHeaders = sent
		return response, nil
	}
	response.Headers = map[string]string{}
	for name, values := range sent {
		response.Headers[name] = values[0]
	}
	return response, nil
}

func lists(values map[string]string) map[string][]string {
	lists := map[string][]string{}
	for name, value := range values {
		lists[name] = []string{value}
	}
	return lists
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// running counts the events that this process handles now.
var running atomic.Int64

// together runs for a second after count events run at the same time, or gives up.
func together(count int64) any {
	most := running.Add(1)
	defer running.Add(-1)
	start := time.Now()
	for most < count && time.Since(start) < 30*time.Second {
		time.Sleep(5 * time.Millisecond)
		most = max(most, running.Load())
	}
	time.Sleep(time.Second)
	return map[string]any{"pid": os.Getpid(), "together": most}
}

func main() {
	lambda.Start(handle)
}
