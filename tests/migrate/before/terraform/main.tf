# Orders.
resource "aws_lambda_function" "orders" {
  function_name    = "orders"
  role             = aws_iam_role.orders.arn
  filename         = data.archive_file.orders.output_path
  source_code_hash = data.archive_file.orders.output_base64sha256
  handler          = "orders"
  runtime          = "go1.x" # for now
  memory_size      = 128

  environment {
    variables = {
      RUNTIME = "go1.x"
    }
  }
}

data "archive_file" "orders" {
  type        = "zip"
  source_file = "${path.module}/bin/orders"
  output_path = "${path.module}/orders.zip"
}

resource "aws_lambda_function" "small" {
  filename = "small.zip"
  handler  = "small"
  runtime  = "go1.x"
  role     = aws_iam_role.orders.arn
}

resource "aws_lambda_function" "python" {
  function_name = "python"
  runtime       = "python3.12"
  handler       = "app.handler"
  filename      = "python.zip"
  role          = "${aws_iam_role.orders.arn}"
}
