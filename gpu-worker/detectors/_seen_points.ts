import type { Matrix } from "../kernels/matrix.ts";
import { SIGNATURE_LENGTH } from "../signals/text_signature.ts";
import type { SplitInputs } from "./score_types.ts";

/** Views in which samples that almost coincide are the same; words are compared by signatures. */
const SOURCES = ["image", "columns"] as const;

/** What near duplicates without text are found by: the view of images, else of tables; NaN rows where a split has none. Null where all samples have a text, or there is no such view. */
export function seenPoints(
  splits: readonly SplitInputs[],
  nSamples: number,
): { points: Matrix; source: typeof SOURCES[number] } | null {
  if (splits.every(isAllText)) return null;
  for (const source of SOURCES) {
    const points = viewPoints(splits, source, nSamples);
    if (points) return { points, source };
  }
  return null;
}

/** One view of all samples, NaN rows where a split has none; null where none has it. */
export function viewPoints(
  splits: readonly SplitInputs[],
  name: string,
  nSamples: number,
): Matrix | null {
  const bySplit = splits.map(({ views }) =>
    views?.find((view) => view.name === name)?.features
  );
  const cols = bySplit.find((m) => m)?.cols ?? 0;
  if (cols === 0) return null;
  if (bySplit.length === 1) return bySplit[0]!;
  const data = new Float32Array(nSamples * cols).fill(NaN);
  let start = 0;
  bySplit.forEach((features, i) => {
    if (features) data.set(features.data, start * cols);
    start += splits[i]!.dynamics.nSamples;
  });
  return { data, rows: nSamples, cols };
}

function isAllText({ textSignatures, dynamics }: SplitInputs): boolean {
  if (!textSignatures) return dynamics.nSamples === 0;
  for (let at = 0; at < textSignatures.length; at += SIGNATURE_LENGTH) {
    if (textSignatures[at] === 0xffffffff) return false;
  }
  return true;
}
