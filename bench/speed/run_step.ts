// deno-lint-ignore-file camelcase
/**
 * One step of `speed` by Assay, once: `run_step.ts STEP FOLDER OUT THREADS`; prints what it took as JSON.
 *
 * @module
 */
import process from "node:process";
import { writeNpy } from "../npy.ts";
import { STEPS } from "./steps.ts";

const [step, folder, out, threads] = Deno.args;
const run = await STEPS[step!]!({
  folder: `${folder}/`,
  threads: Number(threads),
});
const cpu = process.cpuUsage();
const start = performance.now();
const { arrays, numbers, words } = await run();
const { user, system } = process.cpuUsage(cpu);
const wall = performance.now() - start;
const peak = /^VmHWM:\s*(\d+) kB$/m.exec(
  Deno.readTextFileSync("/proc/self/status"),
);
await Deno.mkdir(out!, { recursive: true });
for (const [name, array] of Object.entries(arrays)) {
  await writeNpy(`${out}/${name}.npy`, array);
}
const took = {
  wall_seconds: wall / 1e3,
  cpu_seconds: (user + system) / 1e6,
  peak_mb: Number(peak?.[1]) / 1024,
  ...numbers,
  words,
};
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(took) + "\n"));
