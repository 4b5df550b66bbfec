resource "aws_lambda_function" "a" {
  function_name = "a"
  runtime       = "go1.x" /* two
  lines */
  handler       = "main"
  filename      = "a.zip"
}
resource "aws_lambda_function" "b" { runtime = "go1.x" }
resource "aws_lambda_function" "c" {
  runtime = "go1.x"
  handler = "c"
  environment { variables = { A = <<-EOT
    go1.x
    runtime = "go1.x"
    EOT
  } }
}
resource "aws_lambda_function" "d" {
  runtime = "go1.x"
  memory_size = 1
  description = <<EOT
x
EOT
}
