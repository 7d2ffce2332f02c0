import { join } from "node:path";
import { startRun } from "@assay/sdk";
import type { Platform } from "../../local/supervisor/mod.ts";
import { familyMb, memoryMb } from "./processes.ts";

/** What a large run took. */
export interface ScaleResult {
  readonly nSamples: number;
  readonly nClasses: number;
  readonly nEpochs: number;
  readonly width: number;
  /** Seconds of each stage, in order. */
  readonly stages: ReadonlyMap<string, number>;
  /** The most memory each process held, in MB; of the database and all of its processes, shared pages counted once. */
  readonly peakMb: ReadonlyMap<string, number>;
  /** The longest that the worker's health check took in each stage, in seconds. */
  readonly slowestHealth: ReadonlyMap<string, number>;
  /** Samples that could be read in the ranking. */
  readonly nRead: number;
}

const N_CLASSES = 10;
const N_EPOCHS = 10;
const WIDTH = 256;
const FLIP_SHARE = 0.05;
const HEALTH_MS = 20;

/** Logs a large training through the SDK, has it scored, and reads the whole ranking. */
export async function measureScale(
  platform: Platform,
  nSamples: number,
  say: (text: string) => void,
): Promise<ScaleResult> {
  const stages = new Map<string, number>();
  const timed = async <T>(name: string, work: () => Promise<T>) => {
    say(`scale: ${name}`);
    const startedAt = performance.now();
    const result = await work();
    const seconds = (performance.now() - startedAt) / 1000;
    stages.set(name, (stages.get(name) ?? 0) + seconds);
    return result;
  };
  const training = makeTraining(nSamples);
  const { ids, labels } = training;
  using memory = watchMemory(platform);

  const { url, apiKey } = platform;
  const run = await startRun({
    ...{ url, apiKey, name: "large" },
    labelNames: Array.from({ length: N_CLASSES }, (_, c) => `class ${c}`),
  });
  await timed("log samples", () =>
    run.logSamples({
      ids,
      labels,
      texts: ids.map((id, i) => `Sample ${id} says ${labels[i]! * 7919 + i}`),
    }));
  for (let epoch = 0; epoch < N_EPOCHS; epoch++) {
    const outputs = training.epoch(epoch);
    await timed(
      "log epochs",
      () => run.logOutputs({ ids, ...outputs, epoch }),
    );
  }
  await timed("finish", () => run.finish());
  using health = await watchHealth(platform);
  const job = await timed("wait for scores", () =>
    run.wait({
      onProgress: ({ stage }) => health.stage = stage,
    }));
  for (const [stage, seconds] of Object.entries(job.stage_seconds)) {
    stages.set(`of that: ${stage}`, seconds);
  }
  const ranking = await timed("read all", () => run.worst(nSamples));
  return {
    nSamples,
    nClasses: N_CLASSES,
    nEpochs: N_EPOCHS,
    width: WIDTH,
    stages,
    peakMb: await memory.peaks(),
    slowestHealth: health.slowest,
    nRead: new Set(ranking.map((row) => row.sample_id)).size,
  };
}

/** A training whose model comes to know each class, from a fixed seed. */
function makeTraining(n: number) {
  const random = lcg(1);
  const truth = Array.from(
    { length: n },
    () => Math.floor(random() * N_CLASSES),
  );
  const isWrong = truth.map(() => random() < FLIP_SHARE);
  const labels = truth.map((y, i) =>
    isWrong[i]
      ? (y + 1 + Math.floor(random() * (N_CLASSES - 1))) % N_CLASSES
      : y
  );
  const centers = Float32Array.from(
    { length: N_CLASSES * WIDTH },
    () => random() - 0.5,
  );
  const noise = Float32Array.from({ length: n * WIDTH }, () => random() - 0.5);
  return {
    ids: truth.map((_, i) => i),
    labels,
    epoch(epoch: number) {
      const skill = (epoch + 1) / N_EPOCHS;
      const logits = new Float32Array(n * N_CLASSES);
      const embeddings = new Float32Array(n * WIDTH);
      for (let i = 0; i < n; i++) {
        const y = truth[i]!;
        for (let c = 0; c < N_CLASSES; c++) {
          logits[i * N_CLASSES + c] = 2 * random() + (c === y ? 3 * skill : 0);
        }
        for (let d = 0; d < WIDTH; d++) {
          embeddings[i * WIDTH + d] = skill * centers[y * WIDTH + d]! +
            noise[i * WIDTH + d]!;
        }
      }
      return { logits, embeddings };
    },
  };
}

function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Peak memory of every process; the database's many are looked at each second. */
function watchMemory({ processes }: Platform) {
  const database = processes.find(({ name }) => name === "database");
  let databaseMb = 0;
  const look = async () => {
    if (!database) return;
    databaseMb = Math.max(databaseMb, await familyMb(database.pid));
  };
  const timer = setInterval(look, 1000);
  return {
    async peaks(): Promise<Map<string, number>> {
      await look();
      const peaks = new Map<string, number>();
      for (const { name, pid } of processes) {
        const isDatabase = name === "database";
        peaks.set(name, isDatabase ? databaseMb : (await memoryMb(pid)).peak);
      }
      return peaks;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Asks the worker for its health again and again, as a load balancer does. */
async function watchHealth({ home }: Platform) {
  const ports: number[] = JSON.parse(
    await Deno.readTextFile(join(home, "ports.json")),
  );
  const url = `http://127.0.0.1:${ports[4]}/health`;
  const slowest = new Map<string, number>();
  const watch = {
    stage: "fold",
    slowest,
    isOver: false,
    [Symbol.dispose]() {
      this.isOver = true;
    },
  };
  (async () => {
    while (!watch.isOver) {
      const { stage } = watch;
      const askedAt = performance.now();
      await (await fetch(url)).text();
      const seconds = (performance.now() - askedAt) / 1000;
      slowest.set(stage, Math.max(slowest.get(stage) ?? 0, seconds));
      await new Promise((resolve) => setTimeout(resolve, HEALTH_MS));
    }
  })().catch(() => {});
  return watch;
}
