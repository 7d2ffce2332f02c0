import { AppError } from "@shared/errors.ts";
import type { Lease, TaskHandler } from "../runner/lease.ts";
import type { DeletedSubject, DeletionStore } from "../store/deletion_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { removeTree } from "../store/object_tree.ts";
import { moveKeptTexts } from "./kept_texts.ts";

/** What deleting reaches outside itself. */
export interface DeleteDeps {
  readonly deletions: DeletionStore;
  readonly objects: ObjectStore;
}

/** A run's rows go before its objects: they say which whole texts others still need. */
const SHARE_OF_ROWS = 0.5;

/**
 * Jobs `delete_run`, `delete_dataset` and `delete_project`: remove rows and objects of what is hidden already.
 *
 * Every step may happen twice, and goes on where the attempt before was ended. A project's job goes with its project.
 *
 * @param subject What is deleted.
 * @param deps What it reaches outside itself.
 */
export function deleteData(
  subject: DeletedSubject,
  { deletions, objects }: DeleteDeps,
): TaskHandler {
  return async (lease, report, signal) => {
    const id = subjectOf(lease);
    const purge = async () => {
      do signal.throwIfAborted(); while (await deletions.purge(subject, id));
    };
    let removed = 0;
    if (subject === "run") {
      await purge();
      report(SHARE_OF_ROWS);
      const folder = `${lease.projectId}/${id}`;
      await moveKeptTexts(lease, folder, deletions, objects, signal);
      removed = await removeTree(objects, folder, signal);
    } else {
      for (const folder of await foldersOf(subject, lease, deletions)) {
        removed += await removeTree(objects, folder, signal);
      }
      report(SHARE_OF_ROWS);
      await purge();
    }
    signal.throwIfAborted();
    await deletions.end(subject, id);
    return {
      result: { removed_objects: removed },
      next: null,
      revisionId: null,
    };
  };
}

async function foldersOf(
  subject: DeletedSubject,
  lease: Lease,
  deletions: DeletionStore,
): Promise<string[]> {
  const { projectId } = lease;
  if (subject === "project") return [projectId];
  const id = subjectOf(lease);
  const runIds = await deletions.runIds(id);
  return [...runIds, `datasets/${id}`].map((name) => `${projectId}/${name}`);
}

function subjectOf({ jobKind, request }: Lease): string {
  const { subject_id: id } = request;
  if (typeof id === "string") return id;
  throw new AppError(
    "unusable_input",
    `Cannot run task: job ${jobKind} does not say what to delete`,
  );
}
