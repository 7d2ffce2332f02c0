/** A thread for the tests of `ComputeThread`. */
import { AppError } from "@shared/errors.ts";
import { serveThread } from "../serve_thread.ts";

/** What the tests ask for. */
export type EchoProgram = {
  /** Adds to what it was given before. */
  add(n: number): number;
  /** Throws. */
  fail(message: string): never;
  /** Throws what leaves a room. */
  refuse(message: string): never;
  /** A buffer of its own, filled. */
  fill(size: number): Float32Array;
  /** Never answers, and blocks its thread. */
  hang(request: null): null;
  /** Ends with an error that nobody catches. */
  crash(request: null): null;
};

let sum = 0;

serveThread<EchoProgram>({
  add(n, { onProgress }) {
    onProgress(0.5);
    onProgress(1);
    return sum += n;
  },
  fail(message) {
    throw new RangeError(message);
  },
  refuse(message) {
    throw new AppError("unusable_input", message);
  },
  fill(size, { giveAway }) {
    const filled = new Float32Array(size).fill(2);
    giveAway(filled.buffer);
    return filled;
  },
  hang() {
    while (true); // what native code does to a thread
  },
  crash() {
    queueMicrotask(() => {
      throw new Error("nobody catches this");
    });
    return new Promise(() => {});
  },
});
