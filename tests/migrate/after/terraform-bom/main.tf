resource aws_lambda_function f {
	function_name = "ü"
	runtime = "provided.al2023"
	handler = "bootstrap"
}
