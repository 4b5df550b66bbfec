"""Calls a function once with boto3. Usage: invoke.py ENDPOINT OPTIONS EVENT-FILE

OPTIONS is a JSON object with the options of `invoke`. Prints a JSON object with the result, where
bytes are in base64.
"""

import base64
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT, OPTIONS, EVENT = sys.argv[1:]

client = boto3.client(
    "lambda",
    endpoint_url=ENDPOINT,
    region_name="us-east-1",
    aws_access_key_id="none",
    aws_secret_access_key="none",
    config=Config(proxies={}),
)
with open(EVENT, "rb") as event:
    payload = event.read()
try:
    response = client.invoke(Payload=payload, **json.loads(OPTIONS))
    result = {
        "payload": base64.b64encode(response["Payload"].read()).decode(),
        "status": response["StatusCode"],
        "error": response.get("FunctionError"),
        "log": response.get("LogResult"),
        "version": response.get("ExecutedVersion"),
    }
except ClientError as error:
    result = {"code": error.response["Error"]["Code"]}
print(json.dumps(result))
