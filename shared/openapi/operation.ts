import type { ErrorCode } from "../errors.ts";
import type { AnswerName } from "../schemas/answers.ts";
import type { JsonSchema } from "../types/json_schema.ts";

/** One answer of a route that is no error. */
export interface OperationAnswer {
  /** What it means. */
  readonly says: string;
  /** Schema of its JSON; left out: no JSON. */
  readonly schema?: AnswerName;
  /** Media type of a body that is no JSON. */
  readonly mediaType?: string;
}

/** What a route takes and answers, beside what its access says. */
export interface Operation {
  /** What it does, as a title. */
  readonly summary: string;
  /** More about it. */
  readonly description?: string;
  /** Schema of its query, an object; left out: it takes none. */
  readonly query?: JsonSchema;
  /** Headers it reads, by name, with a sentence, an example, and whether it needs them. */
  readonly headers?: Readonly<
    Record<
      string,
      {
        readonly says: string;
        readonly example: string;
        readonly isRequired: boolean;
        readonly schema: JsonSchema;
      }
    >
  >;
  /** Its JSON body: schema, an example, and whether it may be left out. */
  readonly body?: {
    readonly schema: JsonSchema;
    readonly example: unknown;
    readonly isOptional?: boolean;
  };
  /** Media types of a body that is streamed, with an example each. */
  readonly stream?: Readonly<Record<string, unknown>>;
  /** Answers by status. */
  readonly answers: Readonly<Record<number, OperationAnswer>>;
  /** Errors of its own, beside those of its access, its query and its body. */
  readonly errors?: readonly ErrorCode[];
}
