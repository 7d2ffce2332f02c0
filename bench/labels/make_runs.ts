import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type PeerPython, threadsOf } from "../peers.ts";
import type { SubjectNotes } from "../subject.ts";
import { cacheFolder, isThere } from "./cache.ts";
import { CONTENTS, contentsOf } from "./contents.ts";
import { runFolder, type RunSetting } from "./settings.ts";

/** A cached training. */
export interface MadeRun {
  /** What was trained. */
  readonly setting: RunSetting;
  /** Of noise, samples and weights. */
  readonly seed: number;
  /** Its folder. */
  readonly folder: string;
  /** Folder of the data set; one that is not there where the trainer brings the data. */
  readonly contents: string;
}

/** Trained from scikit-learn's own data: no folder is needed. */
const BUILT_IN = ["digits"];
/** A second run of the benchmark trains what is left. */
const BUDGET_S = 3 * 3600;

/**
 * Trains what is not in the cache: for each setting and seed one run, the same model in five folds, and a regression on the encoders' features in five
 * folds. What has no data is left out, and told.
 */
export async function makeRuns(
  settings: readonly RunSetting[],
  seeds: readonly number[],
  python: PeerPython,
  say: (text: string) => void,
  notes: SubjectNotes,
): Promise<MadeRun[]> {
  const contents = new Map<string, string | null>();
  for (const data of new Set(settings.map((s) => s.data))) {
    contents.set(
      data,
      BUILT_IN.includes(data) ? data : await contentsOf(data, say),
    );
  }
  const runs: MadeRun[] = [];
  for (const seed of seeds) {
    for (const setting of settings) {
      const of = contents.get(setting.data);
      if (of == null) {
        notes.skip(setting.name, `no data ${setting.data}`);
        continue;
      }
      const folder = await runFolder(setting, seed);
      runs.push({ setting, seed, folder, contents: of });
    }
  }
  const missing: MadeRun[] = [];
  for (const run of runs) if (!await isThere(run.folder)) missing.push(run);
  if (missing.length > 0) {
    say(`${missing.length} trainings are not in the cache`);
    await talkTo(python, "labels_train.py", {
      contents: join(cacheFolder(), CONTENTS),
      budget_s: BUDGET_S,
      settings: missing.map(({ setting, seed, folder }) => ({
        ...setting,
        seed,
        folder,
      })),
    }, say);
  }
  const made: MadeRun[] = [];
  for (const run of runs) {
    if (await isThere(run.folder)) made.push(run);
    else {
      notes.skip(
        `${run.setting.name} seed ${run.seed}`,
        "there was no time to train it: once more trains what is left",
      );
    }
  }
  return made;
}

/** Runs a script that reads JSON and says what it does, a line each. */
async function talkTo(
  python: PeerPython,
  script: string,
  request: unknown,
  say: (text: string) => void,
): Promise<void> {
  const child = new Deno.Command(python.path, {
    args: [fileURLToPath(new URL(`../python/${script}`, import.meta.url))],
    env: { ...threadsOf(1), PYTHONWARNINGS: "ignore" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(request)));
  await writer.close();
  let rest = "";
  for await (
    const text of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(say);
  }
  const { success } = await child.status;
  if (!success) throw new Error(`Cannot train: ${script} failed`);
}
