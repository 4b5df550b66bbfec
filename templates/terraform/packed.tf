# The zip of each function, and its hash, from the last build.
#
# Terraform builds nothing. Run `cargo lambdapack` first, then `terraform plan`. If a hash is
# only known during apply, Terraform fails with "Provider produced inconsistent final plan".

locals {
  # Relative to this folder, so it is the same with -chdir, in other checkouts, and in modules.
  results = "${path.module}/../__RESULTS__"

  # Without a build, nothing is packed, but you can still run validate and destroy.
  manifest_file = "${local.results}/manifest.json"
  manifest      = fileexists(local.manifest_file) ? jsondecode(file(local.manifest_file)).functions : {}

  # null if the function is not packed. The precondition in lambda.tf reports it.
  packed = {
    for name, function in local.functions : name => try({
      runtime     = local.manifest[name].runtime
      handler     = local.manifest[name].handler
      zip         = "${local.results}/${local.manifest[name].archs[function.architecture].zip}"
      code_sha256 = local.manifest[name].archs[function.architecture].code_sha256
      # In hexadecimal, because slashes in base64 would create folders in S3.
      sha256 = local.manifest[name].archs[function.architecture].sha256
    }, null)
  }
}
