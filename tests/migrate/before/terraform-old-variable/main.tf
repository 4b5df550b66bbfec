variable "runtime" {
  default = "go1.x"
}

resource "aws_lambda_function" "a" {
  handler  = "${var.handler}"
  runtime  = "${var.runtime}"
  filename = "a.zip"
}
