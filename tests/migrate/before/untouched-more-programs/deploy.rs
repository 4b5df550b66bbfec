client.create_function().runtime(Runtime::Go1x).handler("main");
client.create_function().runtime(Runtime::from("provided.al2"));
