import { fileURLToPath } from "node:url";
import { type PeerPython, peerPython } from "../peers.ts";
import { type Answers, checkAnswers } from "../speed/check_answers.ts";
import { PLANS, shortSize, slopeOf, type SpeedPlan } from "../speed/plan.ts";
import {
  medianOf,
  medianRow,
  type Row,
  type SubjectNotes,
  type SubjectOptions,
} from "../subject.ts";

const TURNS = 3;
const METRICS = ["cpu_seconds", "wall_seconds", "peak_mb"] as const;
const RATIOS = {
  cpu_seconds: "cpu_times_faster",
  wall_seconds: "wall_times_faster",
  peak_mb: "memory_times_smaller",
} as const;

type Took =
  & Readonly<Record<typeof METRICS[number], number>>
  & { readonly words?: Readonly<Record<string, string>> };

/** CPU time, time and memory of each step at three sizes, and of a whole scoring, beside cleanlab and its Datalab on the same arrays. */
export async function speed(
  say: (text: string) => void,
  { notes }: SubjectOptions,
): Promise<Row[]> {
  if (Deno.build.os !== "linux") {
    throw new Error("Cannot measure speed: peak memory is read in /proc");
  }
  const python = await peerPython(say);
  for (const [name, version] of Object.entries(python.versions)) {
    notes.version(name, version);
  }
  for (const text of TOLD) notes.tell(text);
  const rows: Row[] = [];
  const known: KnownPeers = new Map();
  const folder = await Deno.makeTempDir({ prefix: "assay-bench-" });
  try {
    for (const plan of PLANS) {
      say(`speed: ${plan.step} at ${plan.sizes.map(shortSize).join(", ")}`);
      rows.push(
        ...await measurePlan(plan, { say, python, folder, known, notes }),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return rows;
}

const TOLD = [
  `Each side is run ${TURNS} times in turns, each time in a fresh process. CPU time (of all threads, by getrusage) and time count from when the inputs are read; peak memory is that of the whole process, interpreter and inputs included.`,
  "One thread each; score_run two each.",
  "label_issues: cleanlab's find_label_issues(n_jobs=1) with its defaults; ours: evidence, probability and rival of each label, and the flag. knn_graph: the graph as Datalab makes it (scikit-learn's exact search, cosine, k = 10, exact duplicates corrected). knn_shapley: both get the same graph.",
  "knn_shapley, spearman_with_peer is low: both see 10 neighbours only, and cleanlab gives the tenth 0, whatever its label. Ours are the exact values where all neighbours are listed, as a test by brute force over all orders of rows shows, else their mean over all orders of the rest; the kernel's doc tells how near both come to the exact values over all rows.",
  "score_run: Datalab's audit for label, outlier and near_duplicate from probabilities and features; its non_iid, class_imbalance and underperforming_group are off, as Assay has no such issue types. Assay folds 10 epochs, makes both graphs and runs all of its detectors, report and reasons included. Checked by errors, outliers and duplicates that were planted.",
  "Slopes are exponents of growth over the three sizes; times faster and smaller are ratios of medians, with the least and the most of the turns.",
];

/** What peers took, by step and size: two of our steps may stand beside the same one of theirs. */
type KnownPeers = Map<string, Took[]>;

interface SpeedTools {
  readonly say: (text: string) => void;
  readonly python: PeerPython;
  readonly folder: string;
  readonly known: KnownPeers;
  readonly notes: SubjectNotes;
}

async function measurePlan(
  plan: SpeedPlan,
  tools: SpeedTools,
): Promise<Row[]> {
  const { python, folder, notes } = tools;
  const rows: Row[] = [];
  const medians = new Map<string, number[]>();
  for (const size of plan.sizes) {
    const inputs = `${folder}/inputs/`;
    await python.run("speed_inputs.py", [plan.inputs, String(size), inputs]);
    const answers: Answers = {
      inputs,
      assay: `${folder}/assay/`,
      peer: `${folder}/${plan.peerStep}_${size}/`,
    };
    const took = await takeTurns(plan, size, tools, answers);
    const key = {
      subject: "speed",
      case: plan.caseOf(shortSize(size)),
    };
    for (const [system, turns] of Object.entries(took)) {
      const [{ words = {}, ...first }] = turns as [Took];
      for (const metric of Object.keys(first) as (keyof Took)[]) {
        const row = medianRow(
          { ...key, system, metric },
          turns.map((turn) => turn[metric] as number),
        );
        rows.push(row);
        const list = medians.get(`${system} ${metric}`) ?? [];
        medians.set(`${system} ${metric}`, [...list, row.value]);
      }
      for (const [name, word] of Object.entries(words)) {
        notes.tell(`${key.case}: ${name} ${word}`);
      }
    }
    if (plan.peerStep) {
      const faster = ratios(key, took, plan.peer);
      rows.push(...faster);
      const said = faster.map((row) => `${row.metric} ${row.value.toFixed(1)}`);
      tools.say(`  ${key.case}: ${said.join(", ")}`);
    }
    if (plan.check) {
      const checks = await checkAnswers(plan.check, plan.peer, answers);
      for (const [system, metrics] of Object.entries(checks)) {
        for (const [metric, value] of Object.entries(metrics)) {
          rows.push({ ...key, system, metric, value });
        }
      }
    }
    await Deno.remove(inputs, { recursive: true });
  }
  for (const [name, values] of medians) {
    const [system, metric] = name.split(" ") as [string, string];
    if (values.length < 2 || !["cpu_seconds", "peak_mb"].includes(metric)) {
      continue;
    }
    rows.push({
      subject: "speed",
      case: plan.caseOf("all"),
      system,
      metric: `${metric}_slope`,
      value: slopeOf(plan.sizes, values),
    });
  }
  return rows;
}

async function takeTurns(
  plan: SpeedPlan,
  size: number,
  { python, known }: SpeedTools,
  { inputs, assay, peer }: Answers,
): Promise<Record<string, Took[]>> {
  const { peerStep, threads } = plan;
  const key = `${peerStep} ${size}`;
  const own: Took[] = [];
  const before = known.get(key);
  const theirs: Took[] = before ?? [];
  for (let turn = 0; turn < (plan.turns ?? TURNS); turn++) {
    own.push(await runStep(plan, inputs, assay));
    if (!peerStep || before) continue;
    const args = [peerStep, inputs, peer];
    theirs.push(await python.run<Took>("peer_speed.py", args, { threads }));
  }
  known.set(key, theirs);
  return { assay: own, ...(peerStep && { [plan.peer]: theirs }) };
}

async function runStep(
  { step, threads }: SpeedPlan,
  inputs: string,
  out: string,
): Promise<Took> {
  const script = fileURLToPath(
    new URL("../speed/run_step.ts", import.meta.url),
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", script, step, inputs, out, String(threads)],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`Cannot run ${step}: ${text(stderr)}`);
  return JSON.parse(text(stdout));
}

function ratios(
  key: Pick<Row, "subject" | "case">,
  took: Record<string, Took[]>,
  peer: string,
): Row[] {
  return METRICS.map((metric) => {
    const each = took[peer]!.map((turn, i) =>
      turn[metric] / took.assay![i]![metric]
    );
    const row = medianRow({
      ...key,
      system: "assay",
      metric: RATIOS[metric],
    }, each);
    const medianRatio = medianOf(took[peer]!.map((t) => t[metric])) /
      medianOf(took.assay!.map((t) => t[metric]));
    return { ...row, value: medianRatio };
  });
}
