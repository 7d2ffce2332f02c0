/**
 * The thread that reads what a training logged: parts come from strangers, and decoding them blocks.
 *
 * @module
 */
import type { RunRow } from "../store/run_store.ts";
import type { StoredSample } from "../store/sample_store.ts";
import {
  type FoldedRun,
  type FoldedSamples,
  RunFold,
  type StoredPart,
} from "./run_fold.ts";
import { serveThread } from "./serve_thread.ts";

/** What the thread can be asked for; in the order of {@linkcode RunFold}. */
export type FoldProgram = {
  open(
    request: { readonly run: RunRow; readonly contentsFolder: string },
  ): void;
  addSamples(part: StoredPart): void;
  closeSamples(request: null): FoldedSamples;
  samples(
    range: { readonly start: number; readonly end: number },
  ): readonly StoredSample[];
  takeContents(path: string): Uint8Array<ArrayBuffer>;
  addOutputs(part: StoredPart): void;
  finish(keys: BigInt64Array<ArrayBuffer>): FoldedRun;
};

let fold: RunFold;

serveThread<FoldProgram>({
  open({ run, contentsFolder }) {
    fold = new RunFold(run, contentsFolder);
  },
  addSamples: (part) => fold.addSamples(part),
  closeSamples: () => fold.closeSamples(),
  samples: ({ start, end }) => fold.samples(start, end),
  takeContents(path, { giveAway }) {
    const bytes = fold.takeContents(path);
    giveAway(bytes.buffer);
    return bytes;
  },
  addOutputs: (part) => fold.addOutputs(part),
  finish(keys, { giveAway }) {
    const folded = fold.finish(keys);
    giveAway(folded.file.buffer);
    return folded;
  },
});
