/**
 * Everything the page of one run knows: the run and its job, the list, the active sample, the selection, the review.
 *
 * @module
 */
import {
  batch,
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from "@preact/signals";
import type { JobStatus } from "@shared/types/job.ts";
import type {
  ClassReportRow,
  LabelConfusion,
  RankedSample,
} from "@shared/types/result.ts";
import type { RunOverview } from "@shared/types/run.ts";
import type { Client } from "../api/client.ts";
import { type ApiError, explain } from "../api/error.ts";
import type { SampleDetail } from "../api/types.ts";
import { createDetailCache, type DetailCache } from "./details.ts";
import { isOpen, lookDelayMs, watchJob } from "./job_watch.ts";
import type { Place } from "./location.ts";
import { createReview, type Review } from "./review.ts";
import {
  filterQuery,
  type Filters,
  type SampleKey,
  sampleKey,
  splitSampleKey,
} from "./route.ts";
import { createSampleList, type SampleList } from "./sample_list.ts";
import { earlierVerdicts } from "./earlier_verdicts.ts";
import type { VerdictQueue } from "./verdict_queue.ts";

export interface RunStoreDeps {
  readonly client: Client;
  readonly queue: VerdictQueue;
  readonly place: Place;
  readonly runId: string;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly now: () => number;
}

/** What the page can show: results once a revision is published, until then why there are none. */
export type Phase =
  | "loading"
  | "failed"
  | "open"
  | "scoring"
  | "stopped"
  | "ready";

export interface RunStore {
  readonly run: ReadonlySignal<RunOverview | null>;
  readonly error: ReadonlySignal<unknown>;
  readonly phase: ReadonlySignal<Phase>;
  readonly job: ReadonlySignal<JobStatus | null>;
  /** The server is away while the job is watched. */
  readonly jobTrouble: ReadonlySignal<ApiError | null>;
  readonly classes: ReadonlySignal<readonly ClassReportRow[]>;
  readonly confusions: ReadonlySignal<readonly LabelConfusion[]>;
  readonly canWrite: ReadonlySignal<boolean>;
  readonly filters: ReadonlySignal<Filters>;
  readonly list: SampleList;
  readonly details: DetailCache;
  readonly review: Review;
  readonly activeKey: ReadonlySignal<SampleKey | null>;
  readonly activeDetail: ReadonlySignal<SampleDetail | null>;
  readonly detailError: ReadonlySignal<unknown>;
  /** The active sample as far as it is known: its row, or its detail where it is not in the list. */
  readonly active: ReadonlySignal<RankedSample | null>;
  readonly selected: Signal<ReadonlySet<SampleKey>>;
  readonly notice: Signal<Notice | null>;
  /** Asks for the scoring job again. */
  rescore(): Promise<void>;
  /** Reads the run again after a failure. */
  retry(): void;
  retryDetail(): void;
  start(): void;
  stop(): void;
}

/** One line about what just happened. */
export interface Notice {
  readonly words: string;
  readonly tone: "calm" | "bad";
  readonly canUndo?: boolean;
}

const AHEAD = 5;
const SEEK_ROWS = 3_000;

export function createRunStore(deps: RunStoreDeps): RunStore {
  const { client, queue, place, runId } = deps;
  const life = new AbortController();
  const run = signal<RunOverview | null>(null);
  const error = signal<unknown>(null);
  const job = signal<JobStatus | null>(null);
  const jobTrouble = signal<ApiError | null>(null);
  const classes = signal<readonly ClassReportRow[]>([]);
  const confusions = signal<readonly LabelConfusion[]>([]);
  const canWrite = signal(true);
  const selected = signal<ReadonlySet<SampleKey>>(new Set());
  const notice = signal<Notice | null>(null);
  const activeDetail = signal<SampleDetail | null>(null);
  const detailError = signal<unknown>(null);
  const detailTry = signal(0);

  const list = createSampleList((query, abort) =>
    client.samples(runId, query, abort)
  );
  const details = createDetailCache((key) => {
    const { split, id } = splitSampleKey(key);
    return client.sample(runId, split, id, life.signal);
  });
  const review = createReview({
    push: (requests) => queue.push(runId, requests),
    now: deps.now,
    newId: () => crypto.randomUUID(),
  });

  const filterText = computed(() =>
    place.route.value.page === "run"
      ? JSON.stringify(place.route.value.filters)
      : "{}"
  );
  const filters = computed<Filters>(() => JSON.parse(filterText.value));
  const at = computed(() =>
    place.route.value.page === "run" ? place.route.value.at : null
  );
  const activeKey = computed(() => {
    const first = list.rows.value[0];
    return at.value ?? (first ? sampleKey(first) : null);
  });
  const active = computed(() => {
    const key = activeKey.value;
    const index = key === null ? undefined : list.places.value.get(key);
    if (index !== undefined) return list.rows.value[index]!;
    const detail = activeDetail.value;
    return detail && sampleKey(detail) === key ? detail : null;
  });
  const revision = computed(() => run.value?.revision_id ?? null);

  const phase = computed<Phase>(() => {
    if (run.value === null) return error.value ? "failed" : "loading";
    if (run.value.revision_id !== null) return "ready";
    if (isOpen(job.value?.state ?? run.value.job_state)) return "scoring";
    return run.value.job_id === null && run.value.state === "open"
      ? "open"
      : "stopped";
  });

  /** Rows and reports of the published revision. */
  const loadResults = async () => {
    const wanted = at.peek();
    const [classPage, confusionPage] = await Promise.all([
      client.classes(runId),
      client.confusions(runId),
      list.reset(filterQuery(filters.peek())),
    ]);
    classes.value = classPage.rows;
    confusions.value = confusionPage.rows;
    while (
      wanted && !list.places.peek().has(wanted) && !list.isComplete.peek() &&
      list.status.peek() !== "failed" && list.rows.peek().length < SEEK_ROWS
    ) await list.more();
  };

  const follow = async () => {
    for (let looks = 0;; looks++) {
      const now = run.value = await client.run(runId);
      if (now.job_id !== null && isOpen(now.job_state)) {
        job.value = await watchJob({
          look: () => client.job(now.job_id!),
          wait: deps.wait,
          onStatus: (status) => job.value = status,
          onTrouble: (trouble) => jobTrouble.value = trouble,
        }, life.signal);
        run.value = await client.run(runId);
        if (!isOpen(run.value.job_state)) return;
      } else if (now.state === "closed" || now.job_id !== null) {
        if (now.job_id !== null && now.job_state !== "succeeded") {
          job.value = await client.job(now.job_id);
        }
        return;
      }
      await deps.wait(lookDelayMs(looks), life.signal);
    }
  };

  const follow_ = async () => {
    error.value = null;
    try {
      await follow();
    } catch (cause) {
      if (!life.signal.aborted) error.value = cause;
    }
  };

  const learnRole = async () => {
    const me = await client.me();
    const project = me.projects.find((p) =>
      p.project_id === run.peek()?.project_id
    );
    canWrite.value = me.kind === "key" || project?.role !== "viewer";
  };

  const stops: (() => void)[] = [];
  const onRevision = () => {
    if (revision.value === null) return;
    untracked(() => {
      loadResults().catch((cause) => error.value = cause);
      learnRole().catch(() => {}); // the server decides anyway
      earlierVerdicts(client, runId).then(review.recall, () => {}); // only a count is missing then
    });
  };
  const onFilters = () => {
    const query = filterQuery(filters.value);
    if (revision.peek() === null || filterText.value === shownFilters) return;
    shownFilters = filterText.value;
    untracked(() => {
      selected.value = new Set();
      list.reset(query);
    });
  };
  let shownFilters = filterText.peek();

  const onActive = () => {
    const key = activeKey.value;
    detailTry.value;
    if (key === null || revision.value === null) return;
    activeDetail.value = details.peek(key);
    detailError.value = null;
    details.get(key).then(
      (detail) => activeKey.peek() === key && (activeDetail.value = detail),
      (cause) => activeKey.peek() === key && (detailError.value = cause),
    );
    const index = list.places.peek().get(key) ?? 0;
    details.prefetch(
      list.rows.peek().slice(index + 1, index + 1 + AHEAD).map(sampleKey),
    );
  };

  return {
    run,
    error,
    phase,
    job,
    jobTrouble,
    classes,
    confusions,
    canWrite,
    filters,
    list,
    details,
    review,
    activeKey,
    activeDetail,
    detailError,
    active,
    selected,
    notice,
    async rescore() {
      try {
        const { job_id } = await client.startJob({
          job_kind: "score_run",
          run_id: runId,
        });
        batch(() => {
          job.value = null;
          run.value = run.value &&
            { ...run.value, job_id, job_state: "queued" };
        });
        await follow_();
      } catch (cause) {
        notice.value = { words: explain(cause), tone: "bad" };
      }
    },
    retry: () => void follow_(),
    retryDetail: () => detailTry.value++,
    start() {
      review.resume(queue.waiting(runId));
      stops.push(effect(onRevision), effect(onFilters), effect(onActive));
      follow_();
    },
    stop() {
      life.abort();
      list.stop();
      for (const stop of stops) stop();
    },
  };
}
