inputs = {
  runtime = "go1.x"
}
