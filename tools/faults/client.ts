/**
 * A training that logs one run with the SDK, as a process of its own: `client.ts '{"url", "apiKey", "runId", "workload"}'`. Started again with
 * the same words it logs the same rows of the same run, as a training that begins anew does.
 *
 * @module
 */
import { startRun } from "@assay/sdk";
import { reached } from "./hook.ts";
import { LABEL_NAMES, makeRows, type Workload } from "./workload.ts";

const { url, apiKey, runId, workload } = JSON.parse(Deno.args[0]!) as {
  url: string;
  apiKey: string;
  runId: string;
  workload: Workload;
};
const { samples, epochs } = makeRows(workload);
const run = await startRun({
  url,
  apiKey,
  runId,
  name: "faults",
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
