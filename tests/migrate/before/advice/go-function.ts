import { GoFunction } from '@aws-cdk/aws-lambda-go-alpha';

export const api = (scope: Construct) => new GoFunction(scope, 'Api', { entry: 'cmd/api' });
