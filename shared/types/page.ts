// deno-lint-ignore-file camelcase
/** One page of a list. */
export interface Page<T> {
  /** The rows. */
  readonly rows: readonly T[];
  /** Pass as `cursor` for the next page; null: this was the last. */
  readonly next_cursor: string | null;
}

/** Body of every error answer. */
export interface ErrorBody {
  /** What went wrong. */
  readonly error: {
    /** Key of the table in `errors.ts`. */
    readonly code: string;
    /** Sentence that names what, where, the rule and the value. */
    readonly message: string;
    /** Machine-readable facts, such as the missing parts. */
    readonly details?: Readonly<Record<string, unknown>>;
    /** Id of the request, also in the log. */
    readonly request_id: string;
  };
}
