import { AppError } from "@shared/errors.ts";
import type { ModelOutput } from "../graphs/model_session.ts";

/** Probabilities may miss 1 by this. */
const SUM_TOLERANCE = 1e-2;

/** What scores of a model are. */
export type ScoresKind = "logits" | "probs";

/**
 * Columns as the run orders its classes, of the first `n` rows.
 *
 * @param data At least (n, columns.length).
 * @param columns Column of each of the run's classes.
 */
export function inRunOrder(
  data: Float32Array,
  n: number,
  columns: readonly number[],
): Float32Array {
  const nClasses = columns.length;
  const found = new Float32Array(n * nClasses);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < nClasses; k++) {
      found[i * nClasses + k] = data[i * nClasses + columns[k]!]!;
    }
  }
  return found;
}

/** Whether rows are probabilities, as far as they are finite; of none it cannot be told, and they are not. */
export function areProbs(data: Float32Array, nClasses: number): boolean {
  let n = 0;
  for (let i = 0; i < data.length; i += nClasses) {
    const row = data.subarray(i, i + nClasses);
    if (!row.every(Number.isFinite)) continue;
    const sum = row.reduce((a, b) => a + b, 0);
    if (!row.every((p) => p >= 0) || Math.abs(sum - 1) > SUM_TOLERANCE) {
      return false;
    }
    n++;
  }
  return n > 0;
}

/** Whether a row of scores says anything. */
export function isRowUsable(row: Float32Array, kind: ScoresKind): boolean {
  if (kind === "logits") {
    // -Infinity masks a class
    return row.every((v) => v < Infinity) && row.some((v) => v > -Infinity);
  }
  return row.every((p) => p >= 0 && p < Infinity) && row.some((p) => p > 0);
}

/**
 * Checks the dimensions of an output.
 *
 * @param what It is, in words.
 * @param expected Its dimensions; a text says which there may be.
 * @throws {AppError} `unusable_input`, if it has others.
 */
export function checkShape(
  what: string,
  name: string,
  { shape, data }: ModelOutput,
  expected: readonly (number | string)[],
): void {
  const n = shape.reduce((a, b) => a * b, 1);
  const fits = shape.length === expected.length && n === data.length &&
    shape.every((d, i) => d === expected[i]);
  if (fits) return;
  throw new AppError(
    "unusable_input",
    `Cannot use model as its ${what}, output "${name}", must be (${
      expected.join(", ")
    }) for ${expected[0]} samples: current value is (${shape.join(", ")})`,
  );
}
