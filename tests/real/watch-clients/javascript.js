// Calls a function with the AWS SDK for JavaScript. Usage: node javascript.js ENDPOINT FUNCTION
//
// Prints a JSON object for each step. python.py and go/main.go take the same steps.
"use strict";

const {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  LambdaServiceException,
} = require("@aws-sdk/client-lambda");

const [endpoint, name] = process.argv.slice(2);
const from = "javascript";
const account = "123456789012";
const arn = `arn:aws:lambda:us-east-1:${account}:function:${name}`;

const client = new LambdaClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "none", secretAccessKey: "none" },
});

const tell = (step, facts) => console.log(JSON.stringify({ step, ...facts }));

// The facts about a response.
async function invoke(event, options) {
  const Payload = typeof event === "string" ? event : JSON.stringify(event);
  const input = { FunctionName: name, Payload, ...options };
  const response = await client.send(new InvokeCommand(input));
  const payload = response.Payload?.transformToString() ?? "";
  return {
    status: response.StatusCode,
    payload: payload ? JSON.parse(payload) : null,
    version: response.ExecutedVersion ?? null,
    error: response.FunctionError ?? null,
    log: response.LogResult ?? null,
  };
}

async function fail(step, event, options) {
  try {
    tell(step, await invoke(event, options));
  } catch (error) {
    tell(step, {
      code: error.name,
      // Errors that the API model lacks have the base class.
      typed: error instanceof LambdaServiceException && error.constructor.name === error.name,
      status: error.$metadata?.httpStatusCode,
      message: error.message,
    });
  }
}

async function stream(step, event) {
  const input = { FunctionName: name, Payload: JSON.stringify(event) };
  const response = await client.send(new InvokeWithResponseStreamCommand(input));
  let text = "";
  let first = null;
  let complete = null;
  for await (const part of response.EventStream) {
    if (part.PayloadChunk) {
      text += Buffer.from(part.PayloadChunk.Payload).toString();
      if (text.includes("one")) first ??= performance.now();
    }
    complete = part.InvokeComplete ?? complete;
  }
  const ahead = first && (performance.now() - first) / 1000;
  tell(step, { text, ahead, complete, status: response.StatusCode });
}

async function main() {
  tell("sync", await invoke({ do: "echo", value: "ä", client: from }));
  tell("event", await invoke({ do: "event", client: from }, { InvocationType: "Event" }));
  tell("dry-run", await invoke({ do: "dry-run", client: from }, { InvocationType: "DryRun" }));
  tell("tail", await invoke({ do: "tail", client: from }, { LogType: "Tail" }));
  tell("error", await invoke({ do: "fail", client: from }));
  await fail("missing", {}, { FunctionName: name + "x" });
  await fail("invalid", "{");
  await fail("large", `"${"x".repeat(6 * 1024 * 1024 - 1)}"`);
  await fail("large-event", `"${"x".repeat(1024 * 1024 - 1)}"`, { InvocationType: "Event" });
  // The context is base64 of JSON.
  const ClientContext = "eyJjdXN0b20iOnsia2V5IjoidmFsdWUifX0=";
  tell("context", await invoke({ client: from }, { ClientContext }));
  const names = [
    { FunctionName: name },
    { FunctionName: name + ":$LATEST" },
    { FunctionName: name, Qualifier: "$LATEST" },
    { FunctionName: `${account}:function:${name}` },
    { FunctionName: arn },
    { FunctionName: arn + ":live" },
    { FunctionName: arn, Qualifier: "live" },
  ];
  const arns = [];
  for (const form of names) arns.push((await invoke({ client: from }, form)).payload.arn);
  tell("names", { arns });
  await stream("stream", { do: "stream", pause: 300, client: from });
  await stream("stream-fail", { do: "stream-fail", pause: 10, client: from });
  await stream("stream-error", { do: "fail", client: from + " stream" });
}

main();
