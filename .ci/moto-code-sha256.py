#!/usr/bin/env python3
"""Prints the CodeSha256 that Lambda's CreateFunction, as moto plays it, returns for a zip.

Usage: target/tools/venv/bin/python .ci/moto-code-sha256.py function.zip
"""

import os
import sys

# Nothing of the user's AWS settings may lead a request anywhere else.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    AWS_ACCESS_KEY_ID="none",
    AWS_SECRET_ACCESS_KEY="none",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
)

import boto3  # noqa: E402
from moto import mock_aws  # noqa: E402


def code_sha256(code: bytes) -> str:
    # Without Docker: nothing is invoked.
    with mock_aws(config={"lambda": {"use_docker": False}}):
        role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")
        function = boto3.client("lambda").create_function(
            FunctionName="function",
            Runtime="provided.al2023",
            Handler="bootstrap",
            Architectures=["arm64"],
            Role=role["Role"]["Arn"],
            Code={"ZipFile": code},
        )
    return function["CodeSha256"]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        print(code_sha256(file.read()))
