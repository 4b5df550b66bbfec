// Reads each sample event into the type that AWS's own module has for it, and prints it
// again as JSON, one line for each event. Fields that the type does not have are lost.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-lambda-go/events"
)

func main() {
	for name, event := range map[string]any{
		"activemq":            &events.ActiveMQEvent{},
		"alb":                 &events.ALBTargetGroupRequest{},
		"alb-multi-value":     &events.ALBTargetGroupRequest{},
		"apigw":               &events.APIGatewayV2HTTPRequest{},
		"apigw-authorizer":    &events.APIGatewayV2CustomAuthorizerV2Request{},
		"apigw-authorizer-v1": &events.APIGatewayV2CustomAuthorizerV1Request{},
		"apigw-jwt":           &events.APIGatewayV2HTTPRequest{},
		"apigw-rest":          &events.APIGatewayProxyRequest{},
		"apigw-rest-authorizer": &events.
			APIGatewayCustomAuthorizerRequestTypeRequest{},
		"apigw-rest-authorizer-token": &events.APIGatewayCustomAuthorizerRequest{},
		// The module has only the types of its identities.
		"appsync":                       &AppSyncResolverEvent{},
		"appsync-authorizer":            &events.AppSyncLambdaAuthorizerRequest{},
		"bedrock-agent":                 &BedrockAgentEvent{},
		"cloudformation":                &cfn.Event{},
		"cloudwatch-alarm":              &CloudWatchAlarmEvent{},
		"cloudwatch-logs":               &logs{},
		"codecommit":                    &events.CodeCommitEvent{},
		"codepipeline":                  &events.CodePipelineJobEvent{},
		"cognito-create-auth-challenge": &events.CognitoEventUserPoolsCreateAuthChallenge{},
		"cognito-custom-message":        &events.CognitoEventUserPoolsCustomMessage{},
		"cognito-define-auth-challenge": &events.CognitoEventUserPoolsDefineAuthChallenge{},
		"cognito-post-authentication":   &events.CognitoEventUserPoolsPostAuthentication{},
		"cognito-post-confirmation":     &events.CognitoEventUserPoolsPostConfirmation{},
		"cognito-pre-authentication":    &events.CognitoEventUserPoolsPreAuthentication{},
		"cognito-pre-sign-up":           &events.CognitoEventUserPoolsPreSignup{},
		"cognito-pre-token-generation":  &events.CognitoEventUserPoolsPreTokenGenV2_0{},
		"cognito-user-migration":        &events.CognitoEventUserPoolsMigrateUser{},
		"cognito-verify-auth-challenge": &events.CognitoEventUserPoolsVerifyAuthChallenge{},
		"config":                        &events.ConfigEvent{},
		"connect":                       &events.ConnectEvent{},
		"documentdb":                    &DocumentDBEvent{},
		"dynamodb":                      &events.DynamoDBEvent{},
		"eventbridge":                   &events.EventBridgeEvent{},
		"eventbridge-ec2":               &events.EventBridgeEvent{},
		"eventbridge-s3":                &events.EventBridgeEvent{},
		"firehose":                      &events.KinesisFirehoseEvent{},
		// It has the format of an HTTP API, with fields that its own type lacks.
		"function-url":       &events.APIGatewayV2HTTPRequest{},
		"iot-authorizer":     &events.IoTCoreCustomAuthorizerRequest{},
		"kafka":              &events.KafkaEvent{},
		"kafka-self-managed": &events.KafkaEvent{},
		"kinesis":            &events.KinesisEvent{},
		// The module has only version 1 of Lex.
		"lex":               &LexV2Event{},
		"rabbitmq":          &events.RabbitMQEvent{},
		"s3":                &events.S3Event{},
		"s3-batch":          &events.S3BatchJobEvent{},
		"s3-object-lambda":  &events.S3ObjectLambdaEvent{},
		"schedule":          &events.EventBridgeEvent{},
		"secretsmanager":    &events.SecretsManagerSecretRotationEvent{},
		"ses":               &events.SimpleEmailEvent{},
		"sns":               &events.SNSEvent{},
		"sqs":               &events.SQSEvent{},
		"sqs-fifo":          &events.SQSEvent{},
		"sqs-sns":           &events.SQSEvent{},
		"vpc-lattice":       &VPCLatticeEvent{},
		"websocket":         &events.APIGatewayWebsocketProxyRequest{},
		"websocket-connect": &events.APIGatewayWebsocketProxyRequest{},
	} {
		text, err := os.ReadFile(filepath.Join(os.Args[1], name+".json"))
		if err == nil {
			err = json.Unmarshal(text, event)
		}
		if err == nil {
			text, err = json.Marshal(map[string]any{"name": name, "event": event})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, name, err)
			os.Exit(1)
		}
		fmt.Println(string(text))
	}
}

// logs also decompresses the data.
type logs struct {
	events.CloudwatchLogsEvent
}

func (l *logs) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &l.CloudwatchLogsEvent); err != nil {
		return err
	}
	data, err := l.AWSLogs.Parse()
	if err == nil && len(data.LogEvents) != 2 {
		err = fmt.Errorf("unexpected log events: %v", data)
	}
	return err
}
