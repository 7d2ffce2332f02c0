/**
 * Samples of an audit, judged one after the other without what we think of them.
 *
 * @module
 */
import {
  computed,
  effect,
  type ReadonlySignal,
  signal,
  untracked,
} from "@preact/signals";
import type { Audit, AuditSample } from "@shared/types/audit.ts";
import type { RankedSample } from "@shared/types/result.ts";
import type { RunOverview } from "@shared/types/run.ts";
import type { Client } from "../api/client.ts";
import type { SampleDetail } from "../api/types.ts";
import { createDetailCache } from "./details.ts";
import {
  chooseLabel,
  createReview,
  drop,
  keep,
  needsReview,
  type Review,
  type Stance,
} from "./review.ts";
import { sampleKey, splitSampleKey } from "./route.ts";
import type { VerdictQueue } from "./verdict_queue.ts";

export interface AuditReviewDeps {
  readonly client: Pick<
    Client,
    "run" | "drawAudit" | "audit" | "auditSamples" | "sample"
  >;
  readonly queue: VerdictQueue;
  readonly runId: string;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface AuditReview {
  readonly run: ReadonlySignal<RunOverview | null>;
  readonly error: ReadonlySignal<unknown>;
  /** As the server last told it. */
  readonly audit: ReadonlySignal<Audit | null>;
  readonly samples: ReadonlySignal<readonly RankedSample[]>;
  readonly review: Review;
  /** The one to judge; null when none remains. */
  readonly active: ReadonlySignal<RankedSample | null>;
  readonly detail: ReadonlySignal<SampleDetail | null>;
  readonly detailError: ReadonlySignal<unknown>;
  /** Samples with a verdict that decides. */
  readonly nDecided: ReadonlySignal<number>;
  keep(): void;
  drop(): void;
  /** Not now: it comes again at the end. */
  later(): void;
  choose(label: string): void;
  undo(): void;
  load(): Promise<void>;
  retryDetail(): void;
  start(): void;
  stop(): void;
}

/** Samples of an audit that is begun here. */
export const AUDIT_SIZE = 100;
const AHEAD = 5;

export function createAuditReview(deps: AuditReviewDeps): AuditReview {
  const { client, queue, runId } = deps;
  const life = new AbortController();
  const run = signal<RunOverview | null>(null);
  const error = signal<unknown>(null);
  const audit = signal<Audit | null>(null);
  const samples = signal<readonly RankedSample[]>([]);
  const at = signal(0);
  const detail = signal<SampleDetail | null>(null);
  const detailError = signal<unknown>(null);
  const detailTry = signal(0);
  const details = createDetailCache((key) => {
    const { split, id } = splitSampleKey(key);
    return client.sample(runId, split, id, life.signal);
  });
  const review = createReview({
    push: (requests) => queue.push(runId, requests),
    now: deps.now,
    newId: deps.newId,
  });

  const isOpen = (sample: RankedSample) =>
    ["clear", "needs_review"].includes(review.stanceOf(sample).verdict);
  const nDecided = computed(() =>
    samples.value.filter((sample) => !isOpen(sample)).length
  );
  /** From where we are, then from the start. */
  const active = computed(() => {
    const all = samples.value;
    const order = [...all.slice(at.value), ...all.slice(0, at.value)];
    return order.find(isOpen) ?? null;
  });

  const load = async () => {
    error.value = null;
    try {
      run.value = await client.run(runId);
      const drawn = await client.drawAudit(runId, { n_samples: AUDIT_SIZE });
      const rows: RankedSample[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<Client["auditSamples"]>> = await client
          .auditSamples(runId, drawn.audit_id, {
            state: "all",
            limit: 500,
            cursor,
          });
        rows.push(...page.rows.map(blind));
        cursor = page.next_cursor;
      } while (cursor !== null);
      samples.value = rows;
      audit.value = drawn;
    } catch (cause) {
      if (!life.signal.aborted) error.value = cause;
    }
  };

  const judge = (decide: (sample: RankedSample) => Stance) => {
    const sample = active.peek();
    if (!sample) return;
    review.judge([sample], decide);
    at.value = samples.peek().indexOf(sample) + 1;
  };

  const stops: (() => void)[] = [];
  const onSaved = () => {
    const now = audit.peek();
    if (queue.pending.value > 0 || now === null) return;
    const isNews = untracked(() => nDecided.value) !==
      now.n_judged + now.n_left_out;
    if (!isNews) return;
    client.audit(runId, now.audit_id).then(
      (fresh) => audit.value = fresh,
      () => {}, // told again with the next verdict
    );
  };
  const onActive = () => {
    const sample = active.value;
    detailTry.value;
    if (sample === null) return;
    const key = sampleKey(sample);
    detail.value = details.peek(key);
    detailError.value = null;
    const isHere = () => active.peek() === sample;
    details.get(key).then(
      (found) => isHere() && (detail.value = found),
      (cause) => isHere() && (detailError.value = cause),
    );
    const next = samples.peek().indexOf(sample) + 1;
    details.prefetch(samples.peek().slice(next, next + AHEAD).map(sampleKey));
  };

  return {
    run,
    error,
    audit,
    samples,
    review,
    active,
    detail,
    detailError,
    nDecided,
    keep: () => judge(keep),
    drop: () => judge(drop),
    later: () => judge(needsReview),
    choose: (label) => judge(chooseLabel(label)),
    undo() {
      const key = review.undo()?.changes[0]?.key;
      const index = samples.peek().findIndex((s) => sampleKey(s) === key);
      if (index >= 0) at.value = index;
    },
    load,
    retryDetail: () => detailTry.value++,
    start() {
      review.resume(queue.waiting(runId));
      stops.push(effect(onSaved), effect(onActive));
      load();
    },
    stop() {
      life.abort();
      for (const stop of stops) stop();
    },
  };
}

/** As the list shows samples, without an opinion. */
function blind(sample: AuditSample): RankedSample {
  return {
    ...sample,
    rank: sample.position + 1,
    predicted_label: null,
    suggested_label: null,
    issue_type: "clean",
    issue_types: [],
    reason: "",
    mislabeled_score: null,
    mislabeled_probability: null,
    data_error_potential: null,
    outlier_score: null,
    hardness: null,
  };
}
