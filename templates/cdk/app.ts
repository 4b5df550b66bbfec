// The functions, for AWS CDK. Made by `cargo lambdapack init cdk`, and yours from now on.
//
// cdk.json has cargo lambdapack build the functions before this runs. Here their zips are
// looked up in what the build left, and handed over as they are: CDK copies a zip byte for
// byte, so the function's CodeSha256 is the hash that cargo lambdapack prints.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** What Lambda gives a function. A new function needs an entry in `functions`. */
interface Settings {
  /** What it is built for; `arch` in the configuration of cargo lambdapack says the same. */
  readonly architecture: lambda.Architecture;
  /** MB. CPU grows with it: 1769 MB is one core. */
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly environment: Record<string, string>;
}

const functions: Record<string, Settings> = {
//@ each function
  '__NAME__': {
    architecture: lambda.Architecture.__CDK_ARCH__,
    memorySize: 128,
    timeout: Duration.seconds(3),
    environment: {},
  },
//@ end
};

/** What cargo lambdapack leaves in manifest.json, as far as it is used here. */
interface Manifest {
  readonly functions: Record<
    string,
    | {
        readonly runtime: string;
        readonly handler: string;
        readonly archs: Record<string, { readonly zip: string; readonly code_sha256: string } | undefined>;
      }
    | undefined
  >;
}

const results = join(__dirname, '..', '__RESULTS__');

/** A function's zip, which has to be the one that was built and checked. */
function packed(name: string, architecture: lambda.Architecture) {
  const manifest = JSON.parse(readFileSync(join(results, 'manifest.json'), 'utf8')) as Manifest;
  const entry = manifest.functions[name];
  const built = entry?.archs[architecture.name];
  if (entry === undefined || built === undefined) {
    throw new Error(`${name} is not packed for ${architecture.name}: run \`cargo lambdapack\` first`);
  }
  const zip = join(results, built.zip);
  const hash = createHash('sha256').update(readFileSync(zip)).digest('base64');
  if (hash !== built.code_sha256) {
    throw new Error(`${zip} is not the one of the manifest: run \`cargo lambdapack\` again`);
  }
  return { runtime: entry.runtime, handler: entry.handler, zip };
}

class FunctionsStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    for (const [name, settings] of Object.entries(functions)) {
      const { runtime, handler, zip } = packed(name, settings.architecture);
      // A scope of its own, so that no function's parts are called like another function.
      const scope = new Construct(this, name);
      const made = new lambda.Function(scope, 'Function', {
        ...settings,
        runtime: new lambda.Runtime(runtime, lambda.RuntimeFamily.OTHER),
        handler,
        code: lambda.Code.fromAsset(zip),
        // A log with an end; Lambda's own would have none.
        logGroup: new logs.LogGroup(scope, 'Log', { retention: logs.RetentionDays.ONE_MONTH }),
      });
      new CfnOutput(scope, 'Arn', { value: made.functionArn });
    }
  }
}

const app = new App();
new FunctionsStack(app, 'Functions');
