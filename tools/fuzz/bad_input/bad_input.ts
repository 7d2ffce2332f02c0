/**
 * What bad input is: what is sent, and the named rule or the listed rows it must end in.
 *
 * @module
 */
import { tableFromArrays, tableToIPC } from "@uwdata/flechette";

/** A body of `POST parts`. */
export interface BadPart {
  readonly kind: "samples" | "outputs";
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly encoding?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** How a case must end. */
export type Ending =
  /** The edge refuses the run or a part. */
  | { readonly status: number; readonly rule: RegExp }
  /** The run is taken, and its job fails for good with a sentence. */
  | { readonly fails: RegExp }
  /** The run is scored: samples that are ranked, rows that are listed, and sentences among those. */
  | {
    readonly ranked: number;
    readonly listed: number;
    readonly rules?: readonly RegExp[];
  };

/** One case. */
export interface BadInput {
  readonly name: string;
  /** Body of `PUT runs`, over two classes. */
  readonly run?: Readonly<Record<string, unknown>> | string;
  /** Parts beside the six good samples and their outputs; alone where `isAlone`. */
  readonly parts?: readonly BadPart[];
  readonly isAlone?: boolean;
  readonly ends: Ending;
}

/** Media types of parts. */
export const ARROW = "application/vnd.apache.arrow.stream";
/** A JSON array. */
export const JSON_TYPE = "application/json";

/** Good samples of every run. */
export const N_GOOD = 6;

/** Rows as NDJSON. */
export function lines(rows: readonly unknown[]): string {
  return rows.map((row) => JSON.stringify(row)).join("\n");
}

/** The parts that go with every case that is not alone. */
export const GOOD: readonly BadPart[] = [
  {
    kind: "samples",
    body: lines(
      Array.from({ length: N_GOOD }, (_, i) => ({ id: `s${i}`, label: i % 2 })),
    ),
    query: { seq: "1000" },
  },
  {
    kind: "outputs",
    body: lines(
      Array.from({ length: N_GOOD }, (_, i) => ({
        id: `s${i}`,
        logits: i % 2 === 0 ? [2, 0] : [0, 2],
      })),
    ),
    query: { seq: "1000" },
  },
];

/** Samples as NDJSON. */
export const samples = (...rows: unknown[]): BadPart => ({
  kind: "samples",
  body: lines(rows),
});

/** Outputs as NDJSON. */
export const outputs = (...rows: unknown[]): BadPart => ({
  kind: "outputs",
  body: lines(rows),
});

/** An outputs row that says something else about a good sample. */
export const about = (cells: object): BadPart =>
  outputs({ id: "s0", ...cells });

/** A part of which every row, or some, must be listed, beside good ones. */
export function listed(
  name: string,
  part: BadPart,
  nRows: number,
  ...rules: RegExp[]
): BadInput {
  return {
    name,
    parts: [part],
    ends: { ranked: N_GOOD, listed: nRows, rules },
  };
}

/** What the edge must refuse. */
export function refused(
  name: string,
  status: number,
  rule: RegExp,
  sent: Partial<BadInput>,
): BadInput {
  return { name, ...sent, ends: { status, rule } };
}

/** Columns as an Arrow stream. */
export function stream(
  columns: Record<string, unknown>,
  types: Record<string, unknown>,
): Uint8Array<ArrayBuffer> {
  const table = tableFromArrays(columns as never, { types: types as never });
  return tableToIPC(table, { format: "stream" }) as Uint8Array<ArrayBuffer>;
}
