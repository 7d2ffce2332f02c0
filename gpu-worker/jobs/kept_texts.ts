import type { Lease } from "../runner/lease.ts";
import type { DeletionStore, KeptText } from "../store/deletion_store.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { removeTree } from "../store/object_tree.ts";

/**
 * Moves whole texts that other runs of the dataset, or a verdict, still need out of the folder of a run that is deleted: into the dataset's
 * own, without the texts between them that nobody needs any more. One object is in memory at a time.
 *
 * @param folder Folder of the run.
 */
export async function moveKeptTexts(
  lease: Lease,
  folder: string,
  deletions: DeletionStore,
  objects: ObjectStore,
  signal: AbortSignal,
): Promise<void> {
  const kept = await deletions.keptTexts(folder);
  const targets = new Map<string, string>();
  for (const { datasetId } of kept) {
    const contents = `${lease.projectId}/datasets/${datasetId}/contents`;
    targets.set(datasetId, `${contents}/${nameOf(lease)}`);
  }
  for (const [i, texts] of [...byObject(kept).values()].entries()) {
    signal.throwIfAborted();
    const source = await objects.download(texts[0]!.path);
    const path = `${targets.get(texts[0]!.datasetId)}/texts-${i}.txt`;
    const offsets: number[] = [];
    let end = 0;
    for (const { bytes } of texts) {
      offsets.push(end);
      end += bytes;
    }
    const target = new Uint8Array(end);
    texts.forEach(({ offset, bytes }, k) =>
      target.set(source.subarray(offset, offset + bytes), offsets[k]!)
    );
    await objects.upload(path, target, "text/plain; charset=utf-8");
    await deletions.moveTexts(texts, path, offsets);
  }
  await removeLost(lease, deletions, objects);
}

function byObject(texts: readonly KeptText[]): Map<string, KeptText[]> {
  return Map.groupBy(texts, ({ path }) => path);
}

/** Of one lease alone: an attempt that was given back is counted again, and may have noted what it wrote. */
function nameOf({ taskId, attempt, leaseToken }: Lease): string {
  return `${taskId}-${attempt}-${leaseToken.slice(0, 8)}`;
}

/** What an earlier attempt wrote and did not note, in whichever dataset: what it was to hold may lie elsewhere by now. */
async function removeLost(
  lease: Lease,
  deletions: DeletionStore,
  objects: ObjectStore,
): Promise<void> {
  const datasets = `${lease.projectId}/datasets`;
  for (const { name: id } of await objects.list(datasets)) {
    const folder = `${datasets}/${id}/contents`;
    for (const { name } of await objects.list(folder)) {
      const path = `${folder}/${name}`;
      const isOurs = name.startsWith(`${lease.taskId}-`) &&
        name !== nameOf(lease);
      if (!isOurs || (await deletions.keptTexts(path)).length > 0) continue;
      await removeTree(objects, path);
    }
  }
}
