import { shiftToMean } from "../kernels/shift_to_mean.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import type { LabelErrors } from "./label_errors_found.ts";

/** Deviation of the log-odds of a rate without people: × or ÷ 2.2 holds 95 % of those that were measured. */
const RATE_UNCERTAINTY = Math.log(2.2) / 1.96;
/** Between these, shifts of log-odds are interpolated; of more rows every so-manieth is asked for them. */
const GRID = Array.from({ length: 13 }, (_, i) => 0.2 * (i - 6));
const MOST_ROWS = 10_000;
/** Deviations of constant and slope of the curve at one place of the ranking, without people. */
const [CONSTANT, SLOPE] = [0.8, 0.3];
/** Curves as they could as well be where people said too little: by how far estimates were off elsewhere. */
export function unreviewedDraws(
  logOdds: Float64Array,
): Pick<LabelErrors, "draw" | "drawOfAll"> {
  const shiftOf = shiftsOfRate(logOdds);
  return {
    draw(normal) {
      const [constant, slope] = [CONSTANT * normal(), 1 + SLOPE * normal()];
      return (row) => constant + slope * logOdds[row]!;
    },
    drawOfAll(normal) {
      const shift = shiftOf(RATE_UNCERTAINTY * normal());
      return (row) => logOdds[row]! + shift;
    },
  };
}

/** The shift of log-odds that moves those of their mean probability by so much: far more, as most labels are surely right. */
function shiftsOfRate(logOdds: Float64Array): (ofRate: number) => number {
  const step = Math.max(1, logOdds.length / MOST_ROWS);
  const some = Float64Array.from(
    { length: Math.ceil(logOdds.length / step) },
    (_, i) => logOdds[Math.floor(i * step)]!,
  );
  let [sum, n] = [0, 0];
  for (const z of some) {
    if (Number.isNaN(z)) continue;
    sum += sigmoid(z);
    n++;
  }
  if (!(sum > 0 && sum < n)) return (ofRate) => ofRate;
  const logit = Math.log(sum / (n - sum));
  const shifts = GRID.map((x) => shiftToMean(some, sigmoid(logit + x)));
  return (ofRate) => {
    const at = (ofRate - GRID[0]!) / (GRID[1]! - GRID[0]!);
    const place = Math.max(0, Math.min(GRID.length - 2, Math.floor(at)));
    const [low, high] = [shifts[place]!, shifts[place + 1]!];
    return low + (at - place) * (high - low);
  };
}
