let props = FunctionProps(Runtime = Runtime.GO_1_X, Handler = "main")
