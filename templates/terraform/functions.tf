# The functions, and what Lambda gives each. Made by `cargo lambdapack init terraform`, and
# yours from now on.
#
# This list decides which functions there are, and not what the last build left: a build of
# one function never plans to destroy the others. A new function needs an entry here.

locals {
  functions = {
    #@ each function
    "__NAME__" = {
      # What it is built for; `arch` in the configuration of cargo lambdapack says the same.
      architecture = "__ARCH__"
      # MB. CPU grows with it: 1769 MB is one core.
      memory_size = 128
      # Seconds.
      timeout = 3
      # Days that its log is kept.
      log_days = 30
      # Its environment variables.
      variables = {}
    }
    #@ end
  }
}
