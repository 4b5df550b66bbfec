#!/bin/sh
GOOS=linux go build -o f ./cmd/f
aws lambda update-function-configuration --runtime go1.x --function-name f
