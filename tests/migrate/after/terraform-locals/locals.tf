locals {
  runtime = "provided.al2023"
  shared  = "provided.al2"
}

variable "runtime" {
  type    = string
  default = "provided.al2023"
}

variable "unused" {
  default = "go1.x"
}
