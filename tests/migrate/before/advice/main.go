package main

import "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"

var runtime = lambda.RuntimeGo1dx
