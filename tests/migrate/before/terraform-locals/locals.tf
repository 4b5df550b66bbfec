locals {
  runtime = "go1.x"
  shared  = "provided.al2"
}

variable "runtime" {
  type    = string
  default = "provided.al2"
}

variable "unused" {
  default = "go1.x"
}
