resource "aws_lambda_function" "a" {
  function_name = "a"
  runtime       = "provided.al2023" /* two
  lines */
  handler       = "bootstrap"
  filename      = "a.zip"
}
resource "aws_lambda_function" "b" { runtime = "provided.al2023" }
resource "aws_lambda_function" "c" {
  runtime = "provided.al2023"
  handler = "bootstrap"
  environment { variables = { A = <<-EOT
    go1.x
    runtime = "go1.x"
    EOT
  } }

  architectures = ["x86_64"]
}
resource "aws_lambda_function" "d" {
  runtime = "provided.al2023"
  memory_size = 1
  description = <<EOT
x
EOT

  architectures = ["x86_64"]
}
