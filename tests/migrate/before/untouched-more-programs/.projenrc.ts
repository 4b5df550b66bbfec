import { awscdk } from 'projen';
new awscdk.LambdaFunction(project, { runtime: new awscdk.LambdaRuntime('provided.al2', 'x') });
