// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { ReachPoint } from "@shared/types/fault.ts";
import type { Lease, TaskCheckpoints } from "../runner/lease.ts";
import { isGone, type ObjectStore } from "../store/object_store.ts";
import { downloadWork, uploadWork } from "./work_files.ts";

/** Where blocks lie, and where they are noted. */
export interface BlockDeps {
  readonly objects: ObjectStore;
  readonly checkpoints: TaskCheckpoints;
  readonly reached: ReachPoint;
}

/** What must be known of the samples that are done to go on with the others; plain JSON. */
export interface InferState {
  /** Numbers of a row of features, where the first sample that has some decided; null: none did. */
  readonly n_features: number | null;
  /** Numbers of an embedding; 0: none was met. */
  readonly width: number;
  /** Why embeddings are left out; null: they are not. */
  readonly left_out: string | null;
  /** Milliseconds spent on fetching images. */
  readonly fetched_ms: number;
}

/** Stands in the task's payload. */
interface Note extends InferState {
  /** What the blocks are outputs of. */
  readonly key: string;
  readonly blocks: readonly {
    /** Place after its last sample. */
    readonly to: number;
    /** Name of its first object, in the task's folder. */
    readonly name: string;
    readonly n_objects: number;
  }[];
}

const NOTHING: InferState = {
  n_features: null,
  width: 0,
  left_out: null,
  fetched_ms: 0,
};
/** Name of the note in a task's payload. */
const NAME = "inferred";

/** Raised when blocks are cut, made or read another way; those of before are then of no use. */
const VERSION = 1;

/**
 * Names what outputs are of: the model's bytes, how it is asked, and the samples in their order. Blocks under another key are not gone on from.
 *
 * @param parts What decides, plain JSON; the same gives the same key.
 */
export async function blocksKey(parts: unknown): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify([VERSION, parts]));
  const digest = await crypto.subtle.digest("SHA-256", text);
  return new Uint8Array(digest).toHex();
}

/** The payload without what was noted in it, for the next stage. */
export function withoutNote(
  { payload }: Lease,
): Readonly<Record<string, unknown>> {
  const { [NAME]: _, ...rest } = payload;
  return rest;
}

/**
 * Outputs of a model as far as they are there, block by block in the order of the samples: what the attempts of a task before this one left, and
 * what this one adds. A block is first written, under a name that no other attempt writes to, then noted by one statement that its lease fences.
 */
export class InferBlocks {
  readonly #lease: Lease;
  readonly #deps: BlockDeps;
  #note: Note;

  /**
   * Reads what is noted in the task's payload.
   *
   * @param key Made by {@linkcode blocksKey}.
   */
  constructor(lease: Lease, deps: BlockDeps, key: string) {
    this.#lease = lease;
    this.#deps = deps;
    const noted = lease.payload[NAME] as Note | undefined;
    this.#note = noted?.key === key ? noted : { ...NOTHING, key, blocks: [] };
  }

  /** Samples that are done, from the first on. */
  get nDone(): number {
    return this.#note.blocks.at(-1)?.to ?? 0;
  }

  /** What is known of them. */
  get state(): InferState {
    return this.#note;
  }

  /** Where each block begins and ends. */
  get ranges(): readonly { readonly from: number; readonly to: number }[] {
    const { blocks } = this.#note;
    return blocks.map(({ to }, i) => ({ from: blocks[i - 1]?.to ?? 0, to }));
  }

  /**
   * Keeps the next block.
   *
   * @throws {AppError} `upstream_unavailable` if it cannot be noted: another attempt goes on, or nobody does.
   */
  async keep(
    file: Uint8Array<ArrayBuffer>,
    to: number,
    state: InferState,
  ): Promise<void> {
    const { objects, reached } = this.#deps;
    const { attempt, leaseToken, runId } = this.#lease;
    const name = `${this.nDone}-${attempt}-${leaseToken.slice(0, 8)}`;
    const paths = await uploadWork(objects, this.#path(name), file);
    await reached("infer_block_written", runId);
    const block = { to, name, n_objects: paths.length };
    await this.#noteAll(
      { ...this.#note, ...state, blocks: [...this.#note.blocks, block] },
      true,
    );
    await reached("infer_block_noted", runId);
  }

  /** The file of a block; null if it is gone. */
  async read(position: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const { name, n_objects } = this.#note.blocks[position]!;
    const path = this.#path(name);
    const paths = Array.from(
      { length: n_objects },
      (_, i) => i === 0 ? path : `${path}.${i}`,
    );
    try {
      return await downloadWork(this.#deps.objects, paths);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  /** Takes back a block that cannot be read and those after it, so that another attempt makes them anew. */
  async forget(position: number): Promise<void> {
    const blocks = this.#note.blocks.slice(0, position);
    await this.#noteAll({ ...this.#note, blocks }, false);
  }

  async #noteAll(note: Note, isProgress: boolean): Promise<void> {
    const { checkpoints } = this.#deps;
    if (
      await checkpoints.checkpoint(this.#lease, { [NAME]: note }, isProgress)
    ) {
      this.#note = note;
      return;
    }
    throw new AppError(
      "upstream_unavailable",
      "Cannot keep what the model said: the lease was lost, or the job has ended",
    );
  }

  #path(name: string): string {
    const { projectId, runId, taskId } = this.#lease;
    return `${projectId}/${runId}/work/${taskId}-blocks/${name}.bin`;
  }
}
