resource aws_lambda_function f {
	function_name = "ü"
	runtime = "provided.al2"
	handler = "bootstrap"
}
