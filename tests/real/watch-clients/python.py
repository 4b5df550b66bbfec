"""Calls a function with boto3. Usage: python.py ENDPOINT FUNCTION

Prints a JSON object for each step. javascript.js and go/main.go take the same steps.
"""

import json
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, FUNCTION = sys.argv[1:]
CLIENT = "boto3"
ACCOUNT = "123456789012"
ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{FUNCTION}"

# The retries are the default, so that a step shows whether an error is retried.
client = boto3.client(
    "lambda",
    endpoint_url=ENDPOINT,
    region_name="us-east-1",
    aws_access_key_id="none",
    aws_secret_access_key="none",
    config=Config(proxies={}),
)


def tell(step, **facts):
    print(json.dumps({"step": step, **facts}), flush=True)


def encode(event):
    # Without spaces, as the other clients encode it.
    if isinstance(event, bytes):
        return event
    return json.dumps(event, separators=(",", ":")).encode()


def invoke(event, **options):
    """The facts about a response."""
    options = {"FunctionName": FUNCTION, "Payload": encode(event), **options}
    response = client.invoke(**options)
    payload = response["Payload"].read().decode()
    return {
        "status": response["StatusCode"],
        "payload": json.loads(payload) if payload else None,
        "version": response.get("ExecutedVersion"),
        "error": response.get("FunctionError"),
        "log": response.get("LogResult"),
    }


def fail(step, event, **options):
    try:
        tell(step, **invoke(event, **options))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        tell(
            step,
            code=code,
            # Whether the API model has such an error. For others, boto3 has no class.
            typed=type(error).__name__ == code,
            status=error.response["ResponseMetadata"]["HTTPStatusCode"],
            message=error.response["Error"]["Message"],
        )


def stream(step, event):
    response = client.invoke_with_response_stream(FunctionName=FUNCTION, Payload=encode(event))
    began = time.monotonic()
    text, first, complete = "", None, None
    for part in response["EventStream"]:
        if "PayloadChunk" in part:
            text += part["PayloadChunk"]["Payload"].decode()
            if "one" in text:
                first = first or time.monotonic()
        if "InvokeComplete" in part:
            complete = part["InvokeComplete"]
    ahead = time.monotonic() - first if first else None
    tell(step, text=text, ahead=ahead, complete=complete, status=response["StatusCode"])


tell("sync", **invoke({"do": "echo", "value": "ä", "client": CLIENT}))
tell("event", **invoke({"do": "event", "client": CLIENT}, InvocationType="Event"))
tell("dry-run", **invoke({"do": "dry-run", "client": CLIENT}, InvocationType="DryRun"))
tell("tail", **invoke({"do": "tail", "client": CLIENT}, LogType="Tail"))
tell("error", **invoke({"do": "fail", "client": CLIENT}))
fail("missing", {}, FunctionName=FUNCTION + "x")
fail("invalid", b"{")
fail("large", b'"' + b"x" * (6 * 1024 * 1024 - 1) + b'"')
fail("large-event", b'"' + b"x" * (1024 * 1024 - 1) + b'"', InvocationType="Event")
# The context is base64 of JSON.
context = "eyJjdXN0b20iOnsia2V5IjoidmFsdWUifX0="
tell("context", **invoke({"client": CLIENT}, ClientContext=context))
names = [
    {"FunctionName": FUNCTION},
    {"FunctionName": FUNCTION + ":$LATEST"},
    {"FunctionName": FUNCTION, "Qualifier": "$LATEST"},
    {"FunctionName": f"{ACCOUNT}:function:{FUNCTION}"},
    {"FunctionName": ARN},
    {"FunctionName": ARN + ":live"},
    {"FunctionName": ARN, "Qualifier": "live"},
]
tell("names", arns=[invoke({"client": CLIENT}, **name)["payload"]["arn"] for name in names])
stream("stream", {"do": "stream", "pause": 300, "client": CLIENT})
stream("stream-fail", {"do": "stream-fail", "pause": 10, "client": CLIENT})
stream("stream-error", {"do": "fail", "client": CLIENT + " stream"})
