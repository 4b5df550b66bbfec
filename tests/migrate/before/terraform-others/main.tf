resource "google_cloudfunctions_function" "g" {
  runtime = "go1.x"
}
resource "aws_lambda_layer_version" "l" {
  compatible_runtimes = ["provided.al2"]
}
resource "aws_synthetics_canary" "c" {
  runtime = "go1.x"
}
module "mine" {
  source  = "./modules/fn"
  runtime = "go1.x"
}
module "fork" {
  source  = "git::https://github.com/terraform-aws-modules/terraform-aws-lambda.git?ref=v4"
  runtime = "provided.al2"
  handler = "bootstrap"
}
