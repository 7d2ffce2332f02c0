// deno-lint-ignore-file no-console -- its answer to the test
/** Starts a model's process, says its id, and waits for ever. */
import { ModelProcess } from "../model_process.ts";

const process = await ModelProcess.start({
  device: "cpu",
  limits: { memoryBytes: 2 ** 30, openMs: 1e6, batchMs: 1e6 },
}, new AbortController().signal);
console.log(process.pid);
await new Promise((resolve) => setTimeout(resolve, 1e6));
