import { AppError } from "@shared/errors.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database } from "./database.ts";

/** What can be deleted. */
export type DeletedSubject = "run" | "dataset" | "project";

/** Deletes: hides at once, and asks for the job that removes. */
export interface DeletionStore {
  /** The job, and the tasks to ring for. Throws `not_found` if there is no such thing any more. */
  delete(
    caller: Principal,
    subject: DeletedSubject,
    id: string,
  ): Promise<{ readonly jobId: string; readonly taskIds: readonly string[] }>;
}

/** Deletions in PostgreSQL. */
export function createDeletionStore(database: Database): DeletionStore {
  return {
    delete: (caller, subject, id) =>
      database.asEdge(caller, async (sql) => {
        const [job] =
          await sql`select * from assay.delete_subject(${subject}, ${id})`;
        if (!job) {
          throw new AppError("not_found", `Cannot find ${subject} "${id}"`);
        }
        return {
          jobId: job.job_id,
          taskIds: job.task_id ? [job.task_id] : [],
        };
      }),
  };
}
