#!/usr/bin/env python3
"""Plays AWS on 127.0.0.1 with one function, `prod`, and a bucket, `zips`, until stdin ends.

Usage: target/tools/venv/bin/python .ci/moto-server.py < PIPE

Prints its address. The function runs on x86_64 in provided.al2023 with 256 MB and the
variable KEEP. What it is invoked with it answers: nothing is run.
"""

import io
import logging
import os
import sys
import zipfile

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
from moto.core.config import default_user_config  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

# Without Docker: nothing is invoked.
default_user_config["lambda"] = {"use_docker": False}
logging.getLogger("werkzeug").setLevel(logging.ERROR)


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("bootstrap", "#!/bin/sh\n")
    role = boto3.client("iam", endpoint_url=address).create_role(
        RoleName="role", AssumeRolePolicyDocument="{}"
    )
    boto3.client("lambda", endpoint_url=address).create_function(
        FunctionName="prod",
        Runtime="provided.al2023",
        Handler="bootstrap",
        Architectures=["x86_64"],
        MemorySize=256,
        Environment={"Variables": {"KEEP": 's3cr3t, "quoted", ünicode'}},
        Role=role["Role"]["Arn"],
        Code={"ZipFile": code.getvalue()},
    )
    boto3.client("s3", endpoint_url=address).create_bucket(Bucket="zips")
    print(address, flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
