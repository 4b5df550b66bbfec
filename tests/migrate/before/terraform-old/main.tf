resource "aws_lambda_function" "f" {
  function_name = "${var.stage}-f"
  description   = <<EOT
runtime = "go1.x"
EOT
  handler       = "f"
  runtime       = "go1.x"
  s3_bucket     = "b"
  s3_key        = "${var.stage}/f.zip"
}