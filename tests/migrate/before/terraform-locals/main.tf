resource "aws_lambda_function" "a" {
  function_name = "a"
  handler       = "main"
  runtime       = local.runtime
  filename      = "a.zip"
  role          = var.role
}

resource "aws_lambda_function" "b" {
  function_name = "b"
  handler       = "bootstrap"
  runtime       = var.runtime
  architectures = ["arm64"]
  filename      = "b.zip"
  role          = var.role
}

resource "aws_lambda_function" "c" {
  function_name = "c"
  handler       = "bootstrap"
  runtime       = local.shared
  filename      = "c.zip"
  role          = var.role

  environment {
    variables = { RUNTIME = "${local.shared}" }
  }
}
