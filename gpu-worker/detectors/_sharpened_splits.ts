import {
  type SharpenedLogOdds,
  sharpenedLogOdds,
  type SharpenInputs,
} from "../signals/sharpened_log_odds.ts";
import type { SplitRange } from "./detector.ts";

/** Log-odds sharpened by what people said: samples that a model had trained on, and those that it had not, by verdicts on their own kind, as scales differ. */
export function sharpenedSplits(
  inputs: SharpenInputs,
  ranges: readonly SplitRange[],
): Pick<SharpenedLogOdds, "logOdds" | "draw" | "drawOfAll"> {
  const kinds = [true, false]
    .map((is) => ranges.filter((range) => range.isOutOfSample === is))
    .filter((own) => own.length > 0);
  if (kinds.length < 2) return sharpenedLogOdds(inputs);
  const parts = kinds.map((own) =>
    sharpenedLogOdds({
      ...inputs,
      logOdds: only(own, inputs.logOdds),
      signals: inputs.signals.map((values) => only(own, values)),
    })
  );
  const logOdds = new Float64Array(inputs.logOdds.length);
  const kindOf = new Uint8Array(logOdds.length);
  kinds.forEach((own, kind) => {
    for (const { start, end } of own) {
      logOdds.set(parts[kind]!.logOdds.subarray(start, end), start);
      kindOf.fill(kind, start, end);
    }
  });
  const either =
    (name: "draw" | "drawOfAll"): SharpenedLogOdds["draw"] => (normal) => {
      const curves = parts.map((part) => part[name](normal));
      return (row) => curves[kindOf[row]!]!(row);
    };
  return { logOdds, draw: either("draw"), drawOfAll: either("drawOfAll") };
}

/** Values of some splits, NaN in all others. */
function only(
  ranges: readonly SplitRange[],
  values: Float64Array,
): Float64Array {
  const out = new Float64Array(values.length).fill(NaN);
  for (const { start, end } of ranges) {
    out.set(values.subarray(start, end), start);
  }
  return out;
}
