# runtime = "go1.x"
resource "other_function" "f" {
  runtime = "go1.x"
  handler = "main"
}

resource "aws_lambda_layer_version" "l" {
  compatible_runtimes = ["go1.x", "provided.al2"]
}

resource "aws_lambda_function" "f" {
  runtime = "provided.al2023"
  handler = "main"
}

resource "aws_lambda_function" "image" {
  package_type = "Image"
  runtime      = "go1.x"
}
