val request = CreateFunctionRequest { runtime = Runtime.ProvidedAl2 }
val other = CreateFunctionRequest { runtime = Runtime.fromValue("go1.x") }
