resource "aws_lambda_function" "web" {
  filename = "site.zip"
  handler  = "public/index.php"
  layers   = ["arn:aws:lambda:us-east-1:123456789012:layer:php-81-fpm:59"]
  runtime  = "provided.al2"
}
