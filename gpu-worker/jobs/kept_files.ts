// deno-lint-ignore-file camelcase
/**
 * What a scoring leaves for the next one of the same run, so that it need not read the parts again. The files are those of the stages before,
 * where they lie, and the graphs, with the revision; the sweeper keeps what a revision names, and they go with the run or with its uploads.
 *
 * @module
 */

/** Raised when what the files hold is read another way; older ones are then made anew from the parts. */
const VERSION = 1;

/** Paths in Storage, as a revision keeps them and a payload carries them. */
export interface KeptFiles {
  /** Of stage `fold`. */
  readonly signals_paths: readonly string[];
  /** Of stage `encode`; left out: there was none. */
  readonly views_paths?: readonly string[];
  /** Neighbours of every sample. */
  readonly graphs_paths: readonly string[];
}

/** What a revision keeps, as JSON. */
export function toKept(files: KeptFiles): Record<string, unknown> {
  return { version: VERSION, ...files };
}

/** The files that {@linkcode toKept} noted; null: none, or of another version. */
export function fromKept(
  kept: Readonly<Record<string, unknown>> | null,
): KeptFiles | null {
  if (kept?.version !== VERSION) return null;
  const { version: _, ...files } = kept;
  return files as unknown as KeptFiles;
}
