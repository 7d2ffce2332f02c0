// deno-lint-ignore-file camelcase
import { type AuditAnswer, AuditResult } from "./audit_result.ts";
import { findServer } from "./server.ts";
import { Transport } from "./transport.ts";
import type { Split } from "./types.ts";

const MOST_VERDICTS = 1000;

/** How many samples are drawn, and where. */
export interface AuditOptions extends AuditCallOptions {
  /** Samples to draw, 10 to 2,000, all where there are fewer; default 100. */
  readonly nSamples?: number;
  /** Another one draws other samples; default 0. The same arguments give the same audit, until the run is scored again. */
  readonly seed?: number;
  /** Base URL of the server; default `ASSAY_URL`, else a server on this machine. */
  readonly url?: string;
  /** API key; default `ASSAY_API_KEY`, else that of the server on this machine. */
  readonly apiKey?: string;
}

/** What ends a call sooner. */
export interface AuditCallOptions {
  /** Ends it at once, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A sample to judge. Nothing that Assay thinks of it: that would bias who judges. */
export interface AuditSample {
  /** Place in the audit, from 0. */
  readonly position: number;
  /** The id it was logged with, as text. */
  readonly sample_id: string;
  /** Portion of the dataset. */
  readonly split: Split;
  /** First 2 kB of its text; null without text. */
  readonly text_preview: string | null;
  /** Metadata columns. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Its label in the dataset, maybe wrong. */
  readonly given_label: string;
  /** What people said of it last; null: nothing. */
  readonly verdict: "keep" | "relabel" | "drop" | "needs_review" | null;
  /** Label of that verdict, for `relabel`. */
  readonly verdict_label: string | null;
}

/** The right label of samples beside them, or beside their ids: pairs, a Map. */
export type LabelPairs = Iterable<
  readonly [AuditSample | string, string | null]
>;

/**
 * Draws samples of a scored run to be judged, so that verdicts on them say how many labels are wrong in all.
 *
 * @param runId The run.
 * @param options How many samples; and the server, found by itself if one runs on this machine.
 * @throws {AssayError} If the server cannot say, or the run is not scored.
 *
 * @example
 * ```ts ignore
 * const drawn = await audit(runId, { nSamples: 100 });
 * await drawn.judge({ "mail-7": "spam", "mail-9": null });
 * console.log(`${await drawn.result()}`);
 * ```
 */
export async function audit(
  runId: string,
  { nSamples = 100, seed = 0, signal, ...where }: AuditOptions = {},
): Promise<Audit> {
  const transport = new Transport(await findServer(where));
  const drawn = await transport.send<AuditAnswer>({
    method: "POST",
    path: `api/v1/runs/${runId}/audits`,
    body: { n_samples: nSamples, seed },
    signal,
  });
  const samples = await transport.pages<AuditSample>(
    `api/v1/runs/${runId}/audits/${drawn.audit_id}/samples`,
    { state: "all" },
    signal,
  );
  return new Audit(transport, runId, drawn.audit_id, samples);
}

/** Samples of a run, drawn so that verdicts on them say how many labels are wrong in all. */
export class Audit {
  /** The audit. */
  readonly id: string;
  /** Run it is about. */
  readonly runId: string;
  /** What to judge, in an order that says nothing of it. */
  readonly samples: readonly AuditSample[];
  readonly #transport: Transport;

  /** Use {@linkcode audit}. */
  constructor(
    transport: Transport,
    runId: string,
    id: string,
    samples: readonly AuditSample[],
  ) {
    this.#transport = transport;
    this.runId = runId;
    this.id = id;
    this.samples = samples;
  }

  /** Ids of the samples, in that order. */
  get ids(): string[] {
    return this.samples.map((sample) => sample.sample_id);
  }

  /**
   * Samples that nobody judged yet.
   *
   * @throws {AssayError} If the server cannot say.
   */
  async remaining({ signal }: AuditCallOptions = {}): Promise<AuditSample[]> {
    return await this.#transport.pages<AuditSample>(
      `${this.#path}/samples`,
      { state: "remaining" },
      signal,
    );
  }

  /**
   * Says what the right labels are: verdicts like any other.
   *
   * @param labels The right label of each sample; the given one means that it is right, null that the sample is to be dropped.
   * @throws {RangeError} If a sample is not of this audit, or its id is in several splits; nothing is sent.
   * @throws {TypeError} If a label is no text and not null; nothing is sent.
   * @throws {AssayError} If the server refuses one of them, or cannot say; then none of its thousand is stored.
   */
  judge(labels: LabelPairs, options?: AuditCallOptions): Promise<void>;
  /** The same, by id. */
  judge(
    labels: Readonly<Record<string, string | null>>,
    options?: AuditCallOptions,
  ): Promise<void>;
  async judge(
    labels: LabelPairs | Readonly<Record<string, string | null>>,
    { signal }: AuditCallOptions = {},
  ): Promise<void> {
    const pairs = Symbol.iterator in labels
      ? labels as LabelPairs
      : Object.entries(labels);
    const verdicts = Array.from(
      pairs,
      ([sample, label]) => verdictOn(this.#find(sample), label),
    );
    for (let start = 0; start < verdicts.length; start += MOST_VERDICTS) {
      await this.#transport.send({
        method: "PUT",
        path: `api/v1/runs/${this.runId}/verdicts`,
        body: { verdicts: verdicts.slice(start, start + MOST_VERDICTS) },
        signal,
      });
    }
  }

  /**
   * What the audit says so far.
   *
   * @throws {AssayError} If the server cannot say.
   */
  async result({ signal }: AuditCallOptions = {}): Promise<AuditResult> {
    return new AuditResult(
      await this.#transport.send<AuditAnswer>({
        method: "GET",
        path: this.#path,
        signal,
      }),
    );
  }

  get #path(): string {
    return `api/v1/runs/${this.runId}/audits/${this.id}`;
  }

  #find(sample: AuditSample | string): AuditSample {
    const id = typeof sample === "string" ? sample : sample.sample_id;
    const found = this.samples.filter((each) =>
      each.sample_id === id &&
      (typeof sample === "string" || each.split === sample.split)
    );
    if (found.length === 1) return found[0]!;
    throw new RangeError(
      found.length === 0
        ? `Cannot judge samples as they must be of the audit: current value is "${id}"`
        : `Cannot judge sample "${id}" by its id as it is in several splits: give [sample, label]`,
    );
  }
}

function verdictOn(
  { sample_id, split, given_label }: AuditSample,
  label: string | null,
): Record<string, unknown> {
  if (label !== null && typeof label !== "string") {
    throw new TypeError(
      `Cannot judge sample "${sample_id}" as its label must be the name of a class, or null: current value is ${label}`,
    );
  }
  const verdict = label === null
    ? "drop"
    : label === given_label
    ? "keep"
    : "relabel";
  return {
    verdict_id: crypto.randomUUID(),
    sample_id,
    split,
    verdict,
    label: verdict === "relabel" ? label : null,
  };
}
