variable "runtime" {}
resource "aws_lambda_function" "a" {
  handler  = "main"
  runtime  = var.runtime
  filename = "a.zip"
}
