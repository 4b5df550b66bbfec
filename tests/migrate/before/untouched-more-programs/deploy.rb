lambda.create_function(function_name: 'f', runtime: 'go1.x')
