resource "aws_lambda_function" "f" {
  filename = "f.zip"
  handler  = "bootstrap"
  runtime  = "provided.al2"

  lifecycle {
    postcondition {
      condition     = self.runtime == "provided.al2"
      error_message = "another runtime"
    }
  }
}
