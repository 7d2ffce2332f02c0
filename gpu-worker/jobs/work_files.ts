import type { Lease } from "../runner/lease.ts";
import type { ObjectStore } from "../store/object_store.ts";

/** Hosted free plans take 50 MB an object. */
const MOST_BYTES = 32_000_000;

/** Folder of what one attempt of a task leaves for the next stage; the sweeper empties it when the job has ended. */
export function workFolder(lease: Lease): string {
  return `${lease.projectId}/${lease.runId}/work/${lease.taskId}-${lease.attempt}`;
}

/** Where stage `fold` left its signals; a task of before files were cut names one. */
export function signalsPaths({ payload }: Lease): string[] {
  const paths = payload.signals_paths ?? [payload.signals_path];
  return (paths as unknown[]).map(String);
}

/**
 * Writes a file of any size, in as many objects as it takes.
 *
 * @param path Of the first object; those after it end in `.1`, `.2`, and so on.
 * @param mostBytes Of one object.
 * @returns Paths of the objects, in order.
 */
export async function uploadWork(
  objects: ObjectStore,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  mostBytes: number = MOST_BYTES,
): Promise<string[]> {
  const paths: string[] = [];
  for (let start = 0; start === 0 || start < bytes.length; start += mostBytes) {
    const piece = paths.length === 0 ? path : `${path}.${paths.length}`;
    await objects.upload(
      piece,
      bytes.subarray(start, start + mostBytes),
      "application/octet-stream",
    );
    paths.push(piece);
  }
  return paths;
}

/** The file that {@linkcode uploadWork} wrote, at the start of a buffer of its own. */
export async function downloadWork(
  objects: ObjectStore,
  paths: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (const path of paths) pieces.push(await objects.download(path));
  if (pieces.length === 1) return pieces[0]!;
  return await new Blob(pieces).bytes();
}
