/**
 * A training that logs one run with the SDK, as a process of its own: `client.ts '{"url", "apiKey", "runId", "workload", "modelId"}'`. Started again with
 * the same words it logs the same rows of the same run, as a training that begins anew does.
 *
 * @module
 */
import { startRun } from "@assay/sdk";
import { reached } from "./hook.ts";
import { rescoreTwice } from "./rescoring.ts";
import { LABEL_NAMES, makeRows, type Workload } from "./workload.ts";

const { url, apiKey, runId, workload, modelId } = JSON.parse(Deno.args[0]!) as {
  url: string;
  apiKey: string;
  runId: string;
  workload: Workload;
  modelId: string;
};
const { samples, epochs } = makeRows(workload);
const run = await startRun({
  url,
  apiKey,
  runId,
  name: "faults",
  // what people say there of a sample is known to every run of the dataset
  ...workload.kind === "rescored" ? { dataset: "faults, rescored" } : {},
  labelNames: LABEL_NAMES,
});
Deno.stdout.writeSync(new TextEncoder().encode("started\n"));
for (const part of samples) await run.logSamples(part);
for (const [epoch, parts] of epochs.entries()) {
  for (const part of parts) await run.logOutputs({ ...part, epoch });
  if (epoch === 0) await reached("client_logged", runId);
}
if (epochs.length === 0) await reached("client_logged", runId);
await reached("client_finishing", runId);
await run.finish();
await reached("client_finished", runId);
await run.wait();
if (workload.kind === "rescored") {
  await rescoreTwice({ url, apiKey, runId, modelId });
}
