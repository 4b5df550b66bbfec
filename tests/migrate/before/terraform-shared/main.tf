resource "aws_lambda_function" "orders" {
  filename = "all.zip"
  handler  = "orders"
  runtime  = "go1.x"
}

resource "aws_lambda_function" "payments" {
  filename = "all.zip"
  handler  = "payments"
  runtime  = "go1.x"
}

resource "aws_lambda_function" "each" {
  for_each = toset(["a", "b"])
  filename = "each.zip"
  handler  = each.key
  runtime  = "go1.x"
}
