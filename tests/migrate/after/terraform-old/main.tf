resource "aws_lambda_function" "f" {
  function_name = "${var.stage}-f"
  description   = <<EOT
runtime = "go1.x"
EOT
  handler       = "bootstrap"
  runtime       = "provided.al2023"
  architectures = ["x86_64"]
  s3_bucket     = "b"
  s3_key        = "${var.stage}/f.zip"
}