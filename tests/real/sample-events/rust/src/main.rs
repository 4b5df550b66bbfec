//! Reads each sample event into the type that `aws_lambda_events` has for it, and prints it again
//! as JSON, one line for each event. Fields that the type does not have are lost.

mod lex;

use std::error::Error;
use std::path::Path;

use aws_lambda_events::event::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

type Reread = fn(&str) -> serde_json::Result<Value>;

fn reread<T: DeserializeOwned + Serialize>(text: &str) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_str::<T>(text)?)
}

const TYPES: &[(&str, Reread)] = &[
    ("activemq", reread::<activemq::ActiveMqEvent>),
    ("alb", reread::<alb::AlbTargetGroupRequest>),
    ("alb-multi-value", reread::<alb::AlbTargetGroupRequest>),
    ("apigw", reread::<apigw::ApiGatewayV2httpRequest>),
    (
        "apigw-authorizer",
        reread::<apigw::ApiGatewayV2CustomAuthorizerV2Request>,
    ),
    (
        "apigw-authorizer-v1",
        reread::<apigw::ApiGatewayV2CustomAuthorizerV1Request>,
    ),
    ("apigw-jwt", reread::<apigw::ApiGatewayV2httpRequest>),
    ("apigw-rest", reread::<apigw::ApiGatewayProxyRequest>),
    (
        "apigw-rest-authorizer",
        reread::<apigw::ApiGatewayCustomAuthorizerRequestTypeRequest>,
    ),
    (
        "apigw-rest-authorizer-token",
        reread::<apigw::ApiGatewayCustomAuthorizerRequest>,
    ),
    ("appsync", reread::<appsync::AppSyncDirectResolverEvent>),
    (
        "appsync-authorizer",
        reread::<appsync::AppSyncLambdaAuthorizerRequest>,
    ),
    ("bedrock-agent", reread::<bedrock_agent_runtime::AgentEvent>),
    (
        "cloudformation",
        reread::<cloudformation::CloudFormationCustomResourceRequest>,
    ),
    (
        "cloudwatch-alarm",
        reread::<cloudwatch_alarms::CloudWatchMetricAlarm>,
    ),
    ("cloudwatch-logs", reread::<cloudwatch_logs::LogsEvent>),
    ("codecommit", reread::<code_commit::CodeCommitEvent>),
    (
        "codepipeline",
        reread::<codepipeline_job::CodePipelineJobEvent>,
    ),
    (
        "cognito-create-auth-challenge",
        reread::<cognito::CognitoEventUserPoolsCreateAuthChallenge>,
    ),
    (
        "cognito-custom-message",
        reread::<cognito::CognitoEventUserPoolsCustomMessage>,
    ),
    (
        "cognito-define-auth-challenge",
        reread::<cognito::CognitoEventUserPoolsDefineAuthChallenge>,
    ),
    (
        "cognito-post-authentication",
        reread::<cognito::CognitoEventUserPoolsPostAuthentication>,
    ),
    (
        "cognito-post-confirmation",
        reread::<cognito::CognitoEventUserPoolsPostConfirmation>,
    ),
    (
        "cognito-pre-authentication",
        reread::<cognito::CognitoEventUserPoolsPreAuthentication>,
    ),
    (
        "cognito-pre-sign-up",
        reread::<cognito::CognitoEventUserPoolsPreSignup>,
    ),
    (
        "cognito-pre-token-generation",
        reread::<cognito::CognitoEventUserPoolsPreTokenGenV2>,
    ),
    (
        "cognito-user-migration",
        reread::<cognito::CognitoEventUserPoolsMigrateUser>,
    ),
    (
        "cognito-verify-auth-challenge",
        reread::<cognito::CognitoEventUserPoolsVerifyAuthChallenge>,
    ),
    ("config", reread::<config::ConfigEvent>),
    ("connect", reread::<connect::ConnectEvent>),
    ("documentdb", reread::<documentdb::DocumentDbEvent>),
    ("dynamodb", reread::<dynamodb::Event>),
    ("eventbridge", reread::<eventbridge::EventBridgeEvent>),
    ("eventbridge-ec2", reread::<eventbridge::EventBridgeEvent>),
    ("eventbridge-s3", reread::<eventbridge::EventBridgeEvent>),
    ("firehose", reread::<firehose::KinesisFirehoseEvent>),
    // It has the format of an HTTP API, with fields that its own type lacks.
    ("function-url", reread::<apigw::ApiGatewayV2httpRequest>),
    (
        "iot-authorizer",
        reread::<iot::IoTCoreCustomAuthorizerRequest>,
    ),
    ("kafka", reread::<kafka::KafkaEvent>),
    ("kafka-self-managed", reread::<kafka::KafkaEvent>),
    ("kinesis", reread::<kinesis::KinesisEvent>),
    // The crate has only version 1 of Lex.
    ("lex", reread::<lex::LexV2Event>),
    ("rabbitmq", reread::<rabbitmq::RabbitMqEvent>),
    ("s3", reread::<s3::S3Event>),
    ("s3-batch", reread::<s3::batch_job::S3BatchJobEvent>),
    (
        "s3-object-lambda",
        reread::<s3::object_lambda::S3ObjectLambdaEvent>,
    ),
    ("schedule", reread::<eventbridge::EventBridgeEvent>),
    (
        "secretsmanager",
        reread::<secretsmanager::SecretsManagerSecretRotationEvent>,
    ),
    ("ses", reread::<ses::SimpleEmailEvent>),
    ("sns", reread::<sns::SnsEvent>),
    ("sqs", reread::<sqs::SqsEvent>),
    ("sqs-fifo", reread::<sqs::SqsEvent>),
    ("sqs-sns", reread::<sqs::SqsEvent>),
    ("vpc-lattice", reread::<vpc_lattice::VpcLatticeRequestV2>),
    (
        "websocket",
        reread::<apigw::ApiGatewayWebsocketProxyRequest>,
    ),
    (
        "websocket-connect",
        reread::<apigw::ApiGatewayWebsocketProxyRequest>,
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("no folder")?;
    for (name, reread) in TYPES {
        let text = std::fs::read_to_string(Path::new(&folder).join(format!("{name}.json")))?;
        let event = reread(&text).map_err(|error| format!("{name}: {error}"))?;
        println!("{}", json!({ "name": name, "event": event }));
    }
    Ok(())
}
