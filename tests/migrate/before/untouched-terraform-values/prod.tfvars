runtime = "go1.x"
