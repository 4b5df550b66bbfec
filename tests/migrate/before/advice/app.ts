import * as lambda from "aws-cdk-lib/aws-lambda";
const runtime = lambda.Runtime.PROVIDED_AL2;
