import type { AWS } from '@serverless/typescript';
const c: AWS = { service: 'a', provider: { name: 'aws', runtime: 'go1.x' }, functions: { f: { handler: 'bin/f' } } };
module.exports = c;
