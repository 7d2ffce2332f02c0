import {
  type EncodedRows,
  encodeOutputs,
  encodeSamples,
  type PartPlace,
} from "./parts.ts";
import { findServer, type Server } from "./server.ts";
import { Transport } from "./transport.ts";
import type {
  JobProgress,
  LogOptions,
  Outputs,
  RankedSample,
  RunOptions,
  RunSummary,
  Samples,
} from "./types.ts";
import { waitForJob } from "./wait_for_job.ts";

const MOST_PENDING_BYTES = 64_000_000;
const MOST_IN_FLIGHT = 4;

interface Part {
  readonly place: PartPlace;
  readonly seq: number;
  readonly rows: EncodedRows;
}

/**
 * Starts a run.
 *
 * @param options What the run is; the server is found by itself if one runs on this machine.
 * @throws {AssayError} If the server refuses it.
 */
export async function startRun(options: RunOptions): Promise<Run> {
  const server = await findServer(options);
  const transport = new Transport(server);
  const runId = options.runId ?? crypto.randomUUID();
  await transport.send({
    method: "PUT",
    path: `ingest/v1/runs/${runId}`,
    body: {
      name: options.name,
      label_names: options.labelNames,
      ...options.project === undefined ? {} : { project: options.project },
      ...options.dataset === undefined ? {} : { dataset: options.dataset },
      ...options.metadataSchema === undefined
        ? {}
        : { metadata_schema: options.metadataSchema },
    },
  });
  return new Run(server, transport, runId, options.labelNames);
}

/** A training as Assay sees it: log samples once, outputs every epoch, then finish. */
export class Run {
  /** Id of the run. */
  readonly id: string;
  readonly #server: Server;
  readonly #transport: Transport;
  readonly #labelNames: readonly string[];
  readonly #counts = new Map<
    string,
    { place: PartPlace; parts: number; rows: number }
  >();
  readonly #sending = new Set<Promise<void>>();
  readonly #unsent: Part[] = [];
  #pendingBytes = 0;
  #jobId: string | null = null;

  /** Use {@linkcode startRun}. */
  constructor(
    server: Server,
    transport: Transport,
    id: string,
    labelNames: readonly string[],
  ) {
    this.id = id;
    this.#server = server;
    this.#transport = transport;
    this.#labelNames = labelNames;
  }

  /** Page of the run. */
  get url(): string {
    return `${this.#server.url}/runs/${this.id}`;
  }

  /**
   * Logs samples. Resolves when there is room for more, not when they have arrived.
   *
   * @throws {RangeError} If a column has another length than the ids.
   */
  async logSamples(
    samples: Samples,
    { split = "training" }: LogOptions = {},
  ): Promise<void> {
    for (const rows of encodeSamples(samples)) {
      await this.#put({ kind: "samples", split, epoch: 0 }, rows);
    }
  }

  /**
   * Logs what the model said about some samples in one epoch, a batch or all of it.
   *
   * @throws {RangeError} If arrays do not fit the ids.
   */
  async logOutputs(
    outputs: Outputs,
    { split = "training", predictionKind }: LogOptions = {},
  ): Promise<void> {
    for (const rows of encodeOutputs(outputs, this.#labelNames.length)) {
      await this.#put({
        kind: "outputs",
        split,
        epoch: outputs.epoch,
        predictionKind,
      }, rows);
    }
  }

  /**
   * Sends what is left and closes the run; the server then scores it.
   *
   * @param options `incomplete`: close it with what is there.
   * @throws {AssayError} If parts could not be sent.
   */
  async finish(
    { incomplete = false }: { incomplete?: boolean } = {},
  ): Promise<void> {
    await Promise.all(this.#sending);
    for (const part of this.#unsent.splice(0)) await this.#send(part);
    const { job_id: jobId } = await this.#transport.send<
      { job_id: string | null }
    >({
      method: "POST",
      path: `ingest/v1/runs/${this.id}/finish`,
      body: {
        incomplete,
        manifest: [...this.#counts.values()].map(({ place, parts, rows }) => ({
          part_kind: place.kind,
          split: place.split,
          epoch: place.epoch,
          parts,
          rows,
        })),
      },
    });
    this.#jobId = jobId;
  }

  /**
   * Waits until the run is scored.
   *
   * @param options `onProgress` is called whenever the job has moved.
   * @throws {AssayError} `job_failed` with the job's own sentence.
   */
  async wait(
    { onProgress }: { onProgress?: (job: JobProgress) => void } = {},
  ): Promise<JobProgress> {
    if (this.#jobId === null) {
      throw new Error(
        "Cannot wait as the run is not finished by all of its writers",
      );
    }
    return await waitForJob(this.#transport, this.#jobId, onProgress);
  }

  /**
   * The worst samples, worst first.
   *
   * @param n How many.
   * @param filter Query of the API, such as `{ issue_type: "mislabeled" }`.
   */
  async worst(
    n = 20,
    filter: Readonly<Record<string, string>> = {},
  ): Promise<RankedSample[]> {
    const rows: RankedSample[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({
        ...filter,
        limit: String(Math.min(500, n - rows.length)),
      });
      if (cursor) query.set("cursor", cursor);
      const page: { rows: RankedSample[]; next_cursor: string | null } =
        await this.#get(
          `runs/${this.id}/samples?${query}`,
        );
      rows.push(...page.rows);
      cursor = page.next_cursor;
    } while (cursor && rows.length < n);
    return rows;
  }

  /** What the run came to. */
  async summary(): Promise<RunSummary> {
    return (await this.#get<{ summary: RunSummary }>(`runs/${this.id}`))
      .summary;
  }

  /** Quality of each class. */
  async classes(): Promise<Record<string, unknown>[]> {
    return (await this.#get<{ rows: Record<string, unknown>[] }>(
      `runs/${this.id}/classes`,
    )).rows;
  }

  /** Which given label hides which other one. */
  async confusions(): Promise<Record<string, unknown>[]> {
    return (await this.#get<{ rows: Record<string, unknown>[] }>(
      `runs/${this.id}/confusions`,
    )).rows;
  }

  #get<T>(path: string): Promise<T> {
    return this.#transport.send<T>({ method: "GET", path: `api/v1/${path}` });
  }

  async #put(place: PartPlace, rows: EncodedRows): Promise<void> {
    const key = `${place.kind} ${place.split} ${place.epoch}`;
    const count = this.#counts.get(key) ?? { place, parts: 0, rows: 0 };
    const part = { place, seq: count.parts, rows };
    this.#counts.set(key, {
      place,
      parts: count.parts + 1,
      rows: count.rows + rows.nRows,
    });
    this.#pendingBytes += rows.bytes.length;
    const sending = this.#send(part).catch(() => {
      this.#unsent.push(part); // finish() tries once more, and says if it cannot
    }).finally(() => {
      this.#pendingBytes -= rows.bytes.length;
      this.#sending.delete(sending);
    });
    this.#sending.add(sending);
    while (
      this.#pendingBytes > MOST_PENDING_BYTES ||
      this.#sending.size >= MOST_IN_FLIGHT
    ) {
      await Promise.race(this.#sending);
    }
  }

  async #send({ place, seq, rows }: Part): Promise<void> {
    const query = new URLSearchParams({
      kind: place.kind,
      split: place.split,
      epoch: String(place.epoch),
      seq: String(seq),
      ...place.predictionKind ? { prediction_kind: place.predictionKind } : {},
    });
    await this.#transport.send({
      method: "POST",
      path: `ingest/v1/runs/${this.id}/parts?${query}`,
      bytes: rows.bytes,
      headers: {
        "content-type": "application/vnd.apache.arrow.stream",
        "idempotency-key": `${place.kind}-${place.split}-${place.epoch}-${seq}`,
      },
    });
  }
}
