import type { ObjectStore } from "./object_store.ts";

/** Objects between two looks at the signal. */
const BATCH = 500;

/**
 * Deletes every object below a folder.
 *
 * @param folder Path without a slash at its end.
 * @param signal Checked before each request.
 * @returns How many were deleted.
 */
export async function removeTree(
  objects: ObjectStore,
  folder: string,
  signal?: AbortSignal,
): Promise<number> {
  signal?.throwIfAborted();
  const entries = await objects.list(folder);
  let removed = 0;
  for (const { name, createdAt } of entries) {
    if (createdAt !== null) continue;
    removed += await removeTree(objects, `${folder}/${name}`, signal);
  }
  const paths = entries.filter((e) => e.createdAt !== null)
    .map(({ name }) => `${folder}/${name}`);
  for (let start = 0; start < paths.length; start += BATCH) {
    signal?.throwIfAborted();
    await objects.remove(paths.slice(start, start + BATCH));
  }
  return removed + paths.length;
}
