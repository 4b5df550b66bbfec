locals {
  rt = { go = "go1.x", py = "python3.12" }
}
resource "aws_lambda_function" "a" {
  handler  = "main"
  runtime  = local.rt.go
  filename = "a.zip"
}
resource "aws_lambda_function" "b" {
  handler  = "main"
  runtime  = local.rt["go"]
  filename = "b.zip"
}
