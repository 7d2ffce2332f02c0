/**
 * A small training, made from a seed and logged with plain HTTP: what a client that never gives up sends.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";

/** Where a platform listens and with which key. */
export interface Target {
  /** Base URL of the gateway. */
  readonly url: string;
  /** API key with the scopes ingest and read. */
  readonly apiKey: string;
}

/** A request body with its place in the run. */
interface PartSpec {
  readonly query: Record<string, string>;
  readonly rows: object[];
}

const LABEL_NAMES = ["ham", "spam", "list"];

/** Parts of a run of `nSamples` samples over three epochs: some labels are wrong, some texts stand twice. */
export function makeParts(seed: number, nSamples = 120): PartSpec[] {
  const random = mulberry32(seed);
  const truth = Array.from(
    { length: nSamples },
    () => Math.floor(random() * 3),
  );
  const samples = truth.map((label, i) => ({
    id: `mail-${i}`,
    label: random() < 0.1 ? (label + 1) % 3 : label,
    text: i % 20 === 19
      ? `Copied words of mail ${i - 1} ${truth[i - 1]}`
      : `Some words of mail ${i} ${label}`,
    folder: i % 7,
  }));
  const parts: PartSpec[] = [];
  const half = Math.ceil(nSamples / 2);
  for (
    const [seq, rows] of [samples.slice(0, half), samples.slice(half)].entries()
  ) {
    parts.push({
      query: { kind: "samples", split: "training", seq: `${seq}` },
      rows,
    });
  }
  for (let epoch = 0; epoch < 3; epoch++) {
    const rows = truth.map((label, i) => ({
      id: `mail-${i}`,
      logits: [0, 1, 2].map((k) => (k === label ? epoch + 1 : 0) + random()),
      embedding: Array.from(
        { length: 8 },
        (_, d) => (d === label ? 3 : 0) + random(),
      ),
    }));
    for (
      const [seq, chunk] of [rows.slice(0, half), rows.slice(half)].entries()
    ) {
      parts.push({
        query: {
          kind: "outputs",
          split: "training",
          epoch: `${epoch}`,
          seq: `${seq}`,
        },
        rows: chunk,
      });
    }
  }
  return parts;
}

/** Logs the whole run and returns the id of its job. Retries what fails until `signal` aborts. */
export async function logRun(
  target: Target,
  runId: string,
  seed: number,
  signal: AbortSignal,
): Promise<string> {
  const parts = makeParts(seed);
  await send(
    target,
    "PUT",
    `ingest/v1/runs/${runId}`,
    {
      name: "faults",
      label_names: LABEL_NAMES,
    },
    {},
    signal,
  );
  for (const [i, part] of parts.entries()) {
    await send(
      target,
      "POST",
      `ingest/v1/runs/${runId}/parts?${new URLSearchParams(part.query)}`,
      part.rows,
      { "idempotency-key": `part-${i}` },
      signal,
    );
  }
  const receipt = await send(
    target,
    "POST",
    `ingest/v1/runs/${runId}/finish`,
    {
      manifest: manifestOf(parts),
    },
    {},
    signal,
  ) as { job_id: string };
  return receipt.job_id;
}

/** Waits until the job has ended and returns its state. */
export async function waitForJob(
  target: Target,
  jobId: string,
  signal: AbortSignal,
): Promise<string> {
  while (true) {
    const { state } = await send(
      target,
      "GET",
      `api/v1/jobs/${jobId}`,
      undefined,
      {},
      signal,
    ) as {
      state: string;
    };
    if (["succeeded", "failed", "cancelled"].includes(state)) return state;
    await delay(100, undefined, { signal });
  }
}

function manifestOf(parts: PartSpec[]) {
  const entries = new Map<
    string,
    Record<string, unknown> & { parts: number; rows: number }
  >();
  for (const { query, rows } of parts) {
    const key = `${query.kind} ${query.epoch ?? 0}`;
    const entry = entries.get(key) ?? {
      part_kind: query.kind,
      split: query.split,
      inference_name: "",
      epoch: Number(query.epoch ?? 0),
      parts: 0,
      rows: 0,
    };
    entry.parts++;
    entry.rows += rows.length;
    entries.set(key, entry);
  }
  return [...entries.values()];
}

async function send(
  { url, apiKey }: Target,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<unknown> {
  while (true) {
    signal.throwIfAborted();
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${url}/functions/v1/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
      });
      text = await response.text();
    } catch {
      await delay(100, undefined, { signal });
      continue;
    }
    if (response.ok) return JSON.parse(text);
    if (response.status < 500) {
      throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    }
    await delay(100, undefined, { signal });
  }
}

/** Seeded uniform numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
