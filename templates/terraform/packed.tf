# What the last build left of each function: its zip, and the zip's hash.
#
# Terraform builds nothing. Zips are made before: `cargo lambdapack`, then `terraform plan`.
# A hash that is only known while Terraform applies ends in "Provider produced inconsistent
# final plan".

locals {
  # From this folder, so that it is the same with -chdir, in another checkout and in a module.
  results = "${path.module}/../__RESULTS__"

  # A job without a build can validate and destroy: nothing is packed then.
  manifest_file = "${local.results}/manifest.json"
  manifest      = fileexists(local.manifest_file) ? jsondecode(file(local.manifest_file)).functions : {}

  # null for what is not packed; the precondition in lambda.tf says so.
  packed = {
    for name, function in local.functions : name => try({
      runtime     = local.manifest[name].runtime
      handler     = local.manifest[name].handler
      zip         = "${local.results}/${local.manifest[name].archs[function.architecture].zip}"
      code_sha256 = local.manifest[name].archs[function.architecture].code_sha256
      # In hexadecimal: base64 has slashes, which make folders in S3.
      sha256 = local.manifest[name].archs[function.architecture].sha256
    }, null)
  }
}
