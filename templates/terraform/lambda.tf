# The functions on AWS. Each has its own role and log.

terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.51"
    }
  }

  # If more than one person or machine deploys, keep the state in S3. The bucket must already
  # exist. The lock needs Terraform 1.10.
  #
  #   backend "s3" {
  #     bucket       = "my-terraform-state"
  #     key          = "functions.tfstate"
  #     region       = "eu-central-1"
  #     use_lockfile = true
  #   }
}

# There is no `provider "aws"`, so region and credentials come from the environment, as in
# the AWS CLI: AWS_REGION, AWS_PROFILE.

# A prefix for every name, such as "prod-", so that one account can have several stages.
variable "prefix" {
  type    = string
  default = ""
}

resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name = "${var.prefix}${each.key}"
  role          = aws_iam_role.function[each.key].arn
  runtime       = local.packed[each.key].runtime
  handler       = local.packed[each.key].handler
  architectures = [each.value.architecture]
  memory_size   = each.value.memory_size
  timeout       = each.value.timeout

  # Terraform uploads the zip if this hash differs from the last one. Lambda calls it
  # CodeSha256.
  filename         = local.packed[each.key].zip
  source_code_hash = local.packed[each.key].code_sha256

  # A zip of more than 50 MB must be uploaded through S3. Replace `filename` with:
  #
  #   s3_bucket = aws_s3_object.zip[each.key].bucket
  #   s3_key    = aws_s3_object.zip[each.key].key
  #
  # and add this resource:
  #
  #   resource "aws_s3_object" "zip" {
  #     for_each = local.functions
  #     bucket   = "my-bucket"
  #     # The key contains the hash, because a new object under an old key is not noticed.
  #     key    = "${each.key}/${local.packed[each.key].sha256}.zip"
  #     source = local.packed[each.key].zip
  #   }

  dynamic "environment" {
    for_each = length(each.value.variables) > 0 ? [each.value.variables] : []
    content {
      variables = environment.value
    }
  }

  lifecycle {
    precondition {
      condition     = local.packed[each.key] != null
      error_message = "${each.key} is not packed for ${each.value.architecture}: run `cargo lambdapack` first."
    }
    # Upload only the zip that was built and checked.
    precondition {
      condition     = try(filebase64sha256(local.packed[each.key].zip), "") == try(local.packed[each.key].code_sha256, "-")
      error_message = "The zip of ${each.key} is not the one of the manifest: run `cargo lambdapack` again."
    }
  }

  # Create the log group before the function. Otherwise, Lambda creates one that never expires.
  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.log]
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.prefix}${each.key}"
  retention_in_days = each.value.log_days
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name = "${var.prefix}${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

# A function may only write its own log. To permit more, add a policy like this one, with
# other actions and resources.
resource "aws_iam_role_policy" "log" {
  for_each = local.functions

  name = "log"
  role = aws_iam_role.function[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.function[each.key].arn}:*"
    }]
  })
}

output "functions" {
  description = "The functions' ARNs, by name."
  value       = { for name, function in aws_lambda_function.function : name => function.arn }
}
