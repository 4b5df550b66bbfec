locals {
  old = "provided.al2"
}
resource "aws_lambda_function" "other" {
  runtime  = local.old
  handler  = "bootstrap"
  filename = "other-terraform.zip"
}
