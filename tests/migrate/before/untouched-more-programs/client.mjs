import { Runtime } from "@aws-sdk/client-lambda";
const input = { Runtime: Runtime.go1x };
const runtimes = ["go1.x", "python3.12"];
