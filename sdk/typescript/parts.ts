import {
  fixedSizeList,
  float32,
  float64,
  list,
  tableFromArrays,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import type { LogOptions, Outputs, Samples, Split } from "./types.ts";

/** What rows of one kind, split and epoch are, and where in the run they stand. */
export interface PartPlace {
  readonly kind: "samples" | "outputs";
  readonly split: Split;
  readonly epoch: number;
  readonly predictionKind?: LogOptions["predictionKind"];
}

/** Encoded rows, ready to be sent. */
export interface EncodedRows {
  readonly nRows: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const PART_BYTES = 8_000_000;

/**
 * Samples as Arrow, cut so that a part has about 8 MB.
 *
 * @throws {RangeError} If a column has another length than the ids.
 */
export function* encodeSamples(samples: Samples): Generator<EncodedRows> {
  const { ids, labels, texts, features, metadata = {} } = samples;
  const n = ids.length;
  for (
    const [name, column] of Object.entries({
      labels,
      texts,
      features,
      ...metadata,
    })
  ) {
    if (column && column.length !== n) {
      throw new RangeError(
        `Cannot log samples as ${name} must have ${n} entries, one for each id: got ${column.length}`,
      );
    }
  }
  const size = (i: number) =>
    64 + (texts?.[i]?.length ?? 0) + 8 * (features?.[i]?.length ?? 0);
  for (const [start, end] of cuts(n, size)) {
    const cut = <T>(column: readonly T[]) => column.slice(start, end);
    const columns: Record<string, readonly unknown[]> = {
      id: cut(ids).map(String),
    };
    const types: Record<string, unknown> = { id: utf8() };
    if (labels) {
      const isNamed = labels.some((label) => typeof label === "string");
      columns.label = isNamed
        ? cut(labels).map((y) => y === null ? null : String(y))
        : cut(labels);
      if (isNamed) types.label = utf8();
    }
    if (texts) [columns.text, types.text] = [cut(texts), utf8()];
    if (features) {
      [columns.features, types.features] = [cut(features), list(float64())];
    }
    for (const [name, column] of Object.entries(metadata)) {
      columns[name] = cut(column);
    }
    yield { nRows: end - start, bytes: toIpc(columns, types) };
  }
}

/**
 * Outputs as Arrow, cut likewise.
 *
 * @throws {RangeError} If an array does not fit the ids and classes, or there are neither logits nor probs.
 */
export function* encodeOutputs(
  outputs: Outputs,
  nClasses: number,
): Generator<EncodedRows> {
  const { ids, logits, probs, embeddings } = outputs;
  const n = ids.length;
  const values = logits ?? probs;
  if (!values || (logits && probs)) {
    throw new RangeError(
      "Cannot log outputs as they must have logits or probs, one of them",
    );
  }
  if (values.length !== n * nClasses) {
    throw new RangeError(
      `Cannot log outputs as ${
        logits ? "logits" : "probs"
      } must have ${n} x ${nClasses} numbers, a row for each id: got ${values.length}`,
    );
  }
  const width = embeddings && n > 0 ? embeddings.length / n : 0;
  if (!Number.isInteger(width)) {
    throw new RangeError(
      `Cannot log outputs as embeddings must have a row for each of ${n} ids: got ${
        embeddings!.length
      } numbers`,
    );
  }
  for (const [start, end] of cuts(n, () => 24 + 4 * (nClasses + width))) {
    const rows = (data: Float32Array, cols: number) =>
      Array.from(
        { length: end - start },
        (_, i) => data.subarray((start + i) * cols, (start + i + 1) * cols),
      );
    const name = logits ? "logits" : "probs";
    const columns: Record<string, readonly unknown[]> = {
      id: ids.slice(start, end).map(String),
      [name]: rows(values, nClasses),
    };
    const types: Record<string, unknown> = {
      id: utf8(),
      [name]: fixedSizeList(float32(), nClasses),
    };
    if (embeddings && width > 0) {
      columns.embedding = rows(embeddings, width);
      types.embedding = fixedSizeList(float32(), width);
    }
    yield { nRows: end - start, bytes: toIpc(columns, types) };
  }
}

function* cuts(
  n: number,
  size: (i: number) => number,
): Generator<[number, number]> {
  let start = 0;
  let bytes = 0;
  for (let i = 0; i < n; i++) {
    bytes += size(i);
    if (bytes > PART_BYTES && i > start) {
      yield [start, i];
      [start, bytes] = [i, size(i)];
    }
  }
  if (n > start) yield [start, n];
}

function toIpc(
  columns: Record<string, readonly unknown[]>,
  types: Record<string, unknown>,
): Uint8Array<ArrayBuffer> {
  const table = tableFromArrays(columns as never, { types: types as never });
  return tableToIPC(table, { format: "stream" }) as Uint8Array<ArrayBuffer>;
}
