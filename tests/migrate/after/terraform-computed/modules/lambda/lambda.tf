resource "aws_lambda_function" "fn" {
  function_name = var.name
  description   = var.description
  runtime       = "provided.al2023"
  architectures = ["x86_64"]
  handler       = var.handler
  role          = aws_iam_role.lambda_execution.arn
  s3_bucket     = var.bucket
  s3_key        = "${var.name}.zip"
}
variable "handler" {}
variable "name" {}
variable "description" { default = "" }
variable "bucket" {}
