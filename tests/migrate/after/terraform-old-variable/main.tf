variable "runtime" {
  default = "provided.al2023"
}

resource "aws_lambda_function" "a" {
  handler  = "${var.handler}"
  runtime  = "${var.runtime}"
  filename = "a.zip"

  architectures = ["x86_64"]
}
