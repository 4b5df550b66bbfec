module "orders" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "7.2.1"

  function_name          = "orders"
  handler                = "bootstrap"
  runtime                = "provided.al2023"
  architectures          = ["x86_64"]
  create_package         = false
  local_existing_package = "../orders.zip"
}

module "ours" {
  source  = "./modules/function"
  runtime = "go1.x"
}
