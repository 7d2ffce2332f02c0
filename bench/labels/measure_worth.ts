import { join } from "node:path";
import { seededRandom } from "../../shared/statistics/seeded_random.ts";
import { writeNpy } from "../npy.ts";
import type { PeerPython } from "../peers.ts";
import type { Row, SubjectNotes } from "../subject.ts";
import { assayRun } from "./assay_scores.ts";
import { cachedFolder, cacheFolder, digestOf } from "./cache.ts";
import { CONTENTS } from "./contents.ts";
import { foldSeeds } from "./fold_seeds.ts";
import type { MadeRun } from "./make_runs.ts";
import { pairedInterval } from "./metrics.ts";
import { peerScore } from "./peer_scores.ts";

const SUBJECT = "worth";
/** A look takes five seconds: an hour of a person's time. */
const MINUTES = 60;
const LOOKS = MINUTES * 60 / 5;
/** Trainings whose accuracies are averaged. */
const SEEDS = [101, 102];
const VERSION = 1;

/** What an hour of looking at labels is worth: those that each side puts first are corrected where they are wrong, and the model is trained anew. */
export async function measureWorth(
  runs: readonly MadeRun[],
  python: PeerPython,
  say: (text: string) => void,
  notes: SubjectNotes,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const made of runs) {
    say(`${SUBJECT}: ${made.setting.name}, seed ${made.seed}`);
    const { run, seconds } = await assayRun(made);
    const looked = await firstOf(made);
    const accuracies = await accuraciesOf(made, looked, python);
    const put = (system: string, metric: string, value: number) =>
      rows.push({
        subject: SUBJECT,
        case: `${made.setting.name} seed ${made.seed}`,
        system,
        metric,
        value,
      });
    const before = accuracies.get("nothing")!;
    put("nothing", "accuracy", before);
    put("assay", "seconds_to_scores", seconds);
    for (const [system, first] of looked) {
      const found = first.reduce((n, row) => n + run.isWrong[row]!, 0);
      const after = accuracies.get(system)!;
      put(system, "errors_found", found);
      put(system, "accuracy", after);
      put(
        system,
        "accuracy_points_per_minute",
        100 * (after - before) / MINUTES,
      );
    }
  }
  return [...foldSeeds(rows), ...differences(rows, notes)];
}

/** Rows that each side would look at first. */
async function firstOf(made: MadeRun): Promise<Map<string, Int32Array>> {
  const { run, result } = await assayRun(made);
  const top = (scores: ArrayLike<number>) =>
    Int32Array.from(run.labels.keys()).sort((a, b) =>
      scores[b]! - scores[a]! || a - b
    ).slice(0, LOOKS);
  const random = seededRandom(made.seed);
  const peer = (folder: string) =>
    peerScore(join(made.folder, folder), "self_confidence");
  return new Map([
    ["assay", top(result.issueScores.mislabeled!)],
    ["cleanlab", top(await peer("peers_cv"))],
    ["cleanlab_encoder", top(await peer("peers_cv_encoder"))],
    ["last_confidence", top(result.columns.lastConfidence.map((p) => -p))],
    ["random", top(run.labels.keys().map(() => random()).toArray())],
  ]);
}

/** Accuracy after each; kept in the cache. */
async function accuraciesOf(
  made: MadeRun,
  looked: ReadonlyMap<string, Int32Array>,
  python: PeerPython,
): Promise<Map<string, number>> {
  const { data, model } = made.setting;
  const found = new Map<string, number>();
  const all = new Map<string, Int32Array>([
    ["nothing", new Int32Array()],
    ...looked,
  ]);
  for (const [system, rows] of all) {
    const digest = await digestOf([
      VERSION,
      made.folder,
      SEEDS,
      ...rows.toSorted(),
    ]);
    const folder = await cachedFolder(`worth/${digest}`, async (folder) => {
      const fixed = join(folder, "fixed.npy");
      await writeNpy(fixed, {
        data: rows as Int32Array<ArrayBuffer>,
        shape: [rows.length],
      });
      const item = { data, model, run: made.folder, fixed, seeds: SEEDS };
      const request = join(folder, "request.json");
      await Deno.writeTextFile(
        request,
        JSON.stringify({
          contents: join(cacheFolder(), CONTENTS),
          items: [item],
        }),
      );
      const accuracies = await python.run("labels_worth.py", [request]);
      await Deno.writeTextFile(
        join(folder, "accuracy.json"),
        JSON.stringify(accuracies),
      );
    });
    const [accuracy] = JSON.parse(
      await Deno.readTextFile(join(folder, "accuracy.json")),
    );
    found.set(system, accuracy);
  }
  return found;
}

/** Assay less each other on each set, with an interval over seeds. */
function differences(rows: readonly Row[], notes: SubjectNotes): Row[] {
  const out: Row[] = [];
  const sets = new Set(rows.map((r) => r.case.split(" ")[0]!));
  for (const set of sets) {
    for (const metric of ["accuracy", "errors_found"]) {
      const of = (system: string) =>
        rows.filter((r) =>
          r.case.startsWith(`${set} `) && r.metric === metric &&
          r.system === system
        ).map((r) => r.value);
      for (
        const other of [
          "cleanlab",
          "cleanlab_encoder",
          "last_confidence",
          "random",
        ]
      ) {
        const [own, theirs] = [of("assay"), of(other)];
        const { mean, low, high } = pairedInterval(
          own.map((x, i) => x - theirs[i]!),
          seededRandom(0),
        );
        out.push({
          subject: SUBJECT,
          case: `${set} all seeds`,
          system: `assay less ${other}`,
          metric,
          value: mean,
          least: low,
          most: high,
          n: own.length,
        });
        notes.tell(
          `${set}, ${metric} after ${LOOKS} looks, assay less ${other}: ${
            mean.toFixed(metric === "accuracy" ? 4 : 0)
          } (${low.toFixed(metric === "accuracy" ? 4 : 0)} to ${
            high.toFixed(metric === "accuracy" ? 4 : 0)
          })`,
        );
      }
    }
  }
  return out;
}
