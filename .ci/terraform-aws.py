"""A stand-in for hashicorp/aws with the resources of the Terraform template: their
arguments and nothing behind them. `stub.py DIR` makes a provider of it in DIR, for
dev_overrides. Argument names are those of the provider's documentation:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

import sys

from tf import types
from tf.blocks import SetNestedBlock
from tf.iface import Provider, Resource
from tf.runner import run_provider
from tf.schema import Attribute, Block, Schema

S, N = types.String(), types.Number()

# Of each resource: what is given, what is computed, nested blocks.
RESOURCES = {
    "lambda_function": (
        {
            "function_name": S, "role": S, "runtime": S, "handler": S, "filename": S,
            "source_code_hash": S, "architectures": types.List(S), "memory_size": N,
            "timeout": N,
        },
        ["arn", "id"],
        {"environment": {"variables": types.Map(S)}},
    ),
    "cloudwatch_log_group": ({"name": S, "retention_in_days": N}, ["arn", "id"], {}),
    "iam_role": ({"name": S, "assume_role_policy": S}, ["arn", "id"], {}),
    "iam_role_policy": ({"name": S, "role": S, "policy": S}, ["id"], {}),
}


def resource(name, given, computed, blocks):
    def optional(attributes):
        return [Attribute(key, kind, optional=True) for key, kind in attributes.items()]

    class Stub(Resource):
        def __init__(self, provider):
            pass

        @classmethod
        def get_name(cls):
            return name

        @classmethod
        def get_schema(cls):
            made = [Attribute(key, S, computed=True) for key in computed]
            nested = [SetNestedBlock(k, Block(attributes=optional(v))) for k, v in blocks.items()]
            return Schema(attributes=optional(given) + made, block_types=nested)

        def create(self, ctx, planned):
            label = planned.get("function_name") or planned["name"]
            return {**planned, **{key: f"{key}:{name}:{label}" for key in computed}}

        def read(self, ctx, current):
            return current

        def update(self, ctx, current, planned):
            return {**planned, **{key: current[key] for key in computed}}

        def delete(self, ctx, current):
            pass

    return Stub


class Aws(Provider):
    def get_model_prefix(self):
        return "aws_"

    def full_name(self):
        return "registry.terraform.io/hashicorp/aws"

    def get_provider_schema(self, diags):
        return Schema(attributes=[Attribute("region", S, optional=True)])

    def validate_config(self, diags, config):
        pass

    def configure_provider(self, diags, config):
        pass

    def get_data_sources(self):
        return []

    def get_resources(self):
        return [resource(name, *parts) for name, parts in RESOURCES.items()]


if __name__ == "__main__":
    run_provider(Aws())
