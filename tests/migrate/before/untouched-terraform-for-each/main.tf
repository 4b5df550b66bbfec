locals {
  functions = {
    a = { runtime = "go1.x", handler = "a" }
    b = { runtime = "nodejs20.x", handler = "b.h" }
  }
}

resource "aws_lambda_function" "all" {
  for_each      = local.functions
  function_name = each.key
  handler       = each.value.handler
  runtime       = each.value.runtime
  filename      = "${each.key}.zip"
  role          = var.role
}
