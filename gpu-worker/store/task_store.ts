import { AppError, ERRORS } from "@shared/errors.ts";
import type { Sql } from "postgres";
import type {
  Claim,
  Lease,
  TaskCheckpoints,
  TaskLeases,
  TaskOutcome,
} from "../runner/lease.ts";

/** Who claims, and for how long. */
export interface TaskStoreOptions {
  /** Name of this process. */
  readonly worker: string;
  /** Device in use. */
  readonly device: string;
  /** How long a lease lasts without a heartbeat. */
  readonly leaseSeconds: number;
}

/** Notes of tasks, in PostgreSQL. */
export function createTaskCheckpoints(sql: Sql): TaskCheckpoints {
  return {
    async checkpoint({ taskId, leaseToken }, note, isProgress) {
      const [row] = await sql`
        select assay.checkpoint_task(${taskId}, ${leaseToken}, ${
        sql.json(note as never)
      }, ${isProgress}) as is_noted`;
      return row!.is_noted;
    },
  };
}

/** Leases in PostgreSQL. */
export function createTaskStore(
  sql: Sql,
  { worker, device, leaseSeconds }: TaskStoreOptions,
): TaskLeases {
  return {
    async claim(taskId): Promise<Claim> {
      const [row] = await sql`
        select * from assay.claim_task(${taskId}, ${leaseSeconds}, ${worker}, ${device})`;
      if (row!.outcome === "held") {
        return { outcome: "held", retryAfterSeconds: row!.retry_after_seconds };
      }
      if (row!.outcome !== "claimed") return { outcome: row!.outcome };
      return {
        outcome: "claimed",
        lease: {
          taskId,
          jobId: row!.job_id,
          projectId: row!.project_id,
          runId: row!.run_id ?? "",
          jobKind: row!.job_kind,
          request: row!.request,
          stage: row!.stage,
          shard: row!.shard,
          payload: row!.payload,
          attempt: row!.attempts,
          leaseToken: row!.lease_token,
        },
      };
    },

    async extend({ taskId, leaseToken }: Lease, fraction: number) {
      const [row] = await sql`
        select assay.extend_lease(${taskId}, ${leaseToken}, ${leaseSeconds}, ${fraction}) as is_held`;
      return row!.is_held;
    },

    async complete({ taskId, leaseToken }: Lease, outcome: TaskOutcome) {
      const { result, next, revisionId } = outcome;
      const [row] = await sql`
        select * from assay.complete_task(${taskId}, ${leaseToken}, ${
        sql.json(result as never)
      }, ${next?.stage ?? null},
          ${next && sql.json(next.payloads as never)}, ${revisionId})`;
      return row!.completed ? row!.next_task_ids : false;
    },

    async fail({ taskId, leaseToken }: Lease, error: unknown) {
      const { code, message, isRetryable } = describe(error);
      const [row] = await sql`
        select assay.fail_task(${taskId}, ${leaseToken}, ${code}, ${message}, ${isRetryable}) as outcome`;
      return row!.outcome;
    },

    async release({ taskId, leaseToken }: Lease) {
      const [row] = await sql`
        select assay.release_task(${taskId}, ${leaseToken}) as is_released`;
      return row!.is_released;
    },
  };
}

const MOST_CHARACTERS = 4_000;

/**
 * What a job's row says of an error: a sentence meant for people, or that it was ours. Messages may quote what users sent; PostgreSQL takes neither
 * NUL nor half a character.
 */
export function describe(
  error: unknown,
): { code: string; message: string; isRetryable: boolean } {
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message.slice(0, MOST_CHARACTERS).replaceAll(
        "\0",
        "\uFFFD",
      )
        .toWellFormed(),
      isRetryable: ERRORS[error.code].retryable,
    };
  }
  return {
    code: "internal",
    message: `Cannot finish job: the worker met an error of its own (${
      error instanceof Error ? error.name : typeof error
    }); its log says which`,
    isRetryable: true,
  };
}
