import { AppError } from "@shared/errors.ts";
import type {
  ThreadMessage,
  ThreadProgram,
  ThreadRequest,
} from "./compute_thread.ts";

/** What a request may do beside its work. */
export interface ServeTools {
  /** Says the share done, in (0, 1]. */
  onProgress(fraction: number): void;
  /** Gives a buffer of the answer away, instead of a copy. */
  giveAway(buffer: ArrayBufferLike): void;
}

/** A program, each function with what it may use. */
export type ServedProgram<Program extends ThreadProgram> = {
  readonly [Name in keyof Program]: (
    request: Parameters<Program[Name]>[0],
    tools: ServeTools,
  ) => ReturnType<Program[Name]> | Promise<Awaited<ReturnType<Program[Name]>>>;
};

/**
 * Answers the requests of a `ComputeThread`, one after the other. Called once, by the module that runs in the thread.
 *
 * @param program What can be asked for.
 */
export function serveThread<Program extends ThreadProgram>(
  program: ServedProgram<Program>,
): void {
  const scope = self as unknown as {
    onmessage: (event: MessageEvent<ThreadRequest>) => void;
    postMessage(message: ThreadMessage, transfer?: Transferable[]): void;
  };
  scope.onmessage = async ({ data: { name, request } }) => {
    const transfer = new Set<ArrayBuffer>();
    try {
      const answer = await program[name]!(request as never, {
        onProgress: (fraction) =>
          scope.postMessage({ kind: "progress", fraction }),
        giveAway: (buffer) => transfer.add(buffer as ArrayBuffer),
      });
      scope.postMessage({ kind: "answer", answer }, [...transfer]);
    } catch (error) {
      const { name, message, stack = "" } = error as Error;
      const code = error instanceof AppError ? { code: error.code } : {};
      scope.postMessage({ kind: "error", name, message, stack, ...code });
    }
  };
}
