import assert from "node:assert/strict";
import { seededNormal } from "../kernels/seeded_normal.ts";
import { seededRandom } from "../kernels/seeded_random.ts";
import { sigmoid } from "../kernels/sigmoid.ts";
import type { LabelEvidence } from "../signals/label_evidence.ts";
import type { SplitRange } from "./detector.ts";
import { errorEstimates, labelErrors } from "./label_errors.ts";
import { reviewedLabels } from "./reviewed_labels.ts";
import type { Review } from "./score_types.ts";

/** A split: its rows, and what its evidence says of itself. */
interface MadeSplit {
  readonly split: SplitRange["split"];
  readonly n: number;
  readonly noiseRate?: number;
  readonly isCalibrated?: boolean;
  readonly isUnlabelled?: boolean;
}

/** Evidence of splits in which labels are wrong as often as it says; all but training are out of sample. */
function made(splits: readonly MadeSplit[]) {
  const normal = seededNormal(7);
  let end = 0;
  const ranges = splits.map(({ split, n }): SplitRange => {
    const start = end;
    end += n;
    const isOutOfSample = split !== "training";
    return { split, start, end, isOutOfSample, epochs: [], accuracy: [] };
  });
  const evidence = splits.map((own): LabelEvidence => {
    const logOdds = Float64Array.from(
      { length: own.n },
      () => own.isUnlabelled ? NaN : -2.5 + 2 * normal(),
    );
    return {
      support: logOdds.map((z) => -z),
      logOdds,
      probability: logOdds.map(sigmoid),
      rival: new Int32Array(own.n).fill(1),
      isCalibrated: own.isCalibrated ?? false,
      noiseRate: own.noiseRate ?? null,
    };
  });
  const said = evidence.flatMap((e) => [...e.logOdds]);
  const given = Int32Array.from(
    said,
    (z) => Number.isNaN(z) ? -1 : 0,
  );
  const random = seededRandom(3);
  /** What people say of some rows; they find more wrong than the evidence says. */
  const judge = (rows: readonly number[]) =>
    rows.map((row): Review =>
      random() < sigmoid(1 + said[row]!)
        ? { row, verdict: "relabel", label: 1 }
        : { row, verdict: "keep", label: 0 }
    );
  const find = (reviews: readonly Review[] = []) => {
    const reviewed = reviewedLabels(given, reviews);
    const errors = labelErrors(evidence, ranges, reviewed, []);
    const training = ranges.find((r) => r.split === "training") ?? null;
    const estimate = (flagged: readonly number[] = []) =>
      errorEstimates(errors, reviewed, Int32Array.from(flagged), training);
    return { errors, estimate };
  };
  return { ranges, evidence, judge, find };
}

const rowsFrom = (start: number, n: number) =>
  Array.from({ length: n }, (_, i) => start + i);

/** Sum of the probabilities of the first m rows by log-odds. */
const expectedOf = (logOdds: Float64Array, m: number) =>
  logOdds.toSorted().reverse().subarray(0, m).reduce(
    (sum, z) => sum + sigmoid(z),
    0,
  );

Deno.test("errorEstimates() counts in splits that have a rate, whatever another split lacks", () => {
  const { evidence, find } = made([
    { split: "training", n: 300, noiseRate: 0.15 },
    { split: "test", n: 15 },
  ]);
  const { basis, top, flagged, all } = find().estimate([3, 4, 302])!;
  const { logOdds } = evidence[0]!;
  assert.equal(basis, "scores");
  assert.equal(all!.n, 300);
  assert.ok(Math.abs(all!.mean - expectedOf(logOdds, 300)) < 1e-9);
  assert.deepEqual(top.map((t) => t.n), [100]);
  assert.ok(Math.abs(top[0]!.mean - expectedOf(logOdds, 100)) < 1e-9);
  assert.equal(flagged.n, 2);
  const two = sigmoid(logOdds[3]!) + sigmoid(logOdds[4]!);
  assert.ok(Math.abs(flagged.mean - two) < 1e-9);
});

Deno.test("errorEstimates() says nothing of all where the training split has no rate, and nothing at all where none has", () => {
  const test = made([
    { split: "training", n: 300 },
    { split: "test", n: 200, noiseRate: 0.15 },
  ]).find().estimate([1, 301])!;
  assert.equal(test.all, null);
  assert.equal(test.flagged.n, 1);
  assert.deepEqual(test.top.map((t) => t.n), [100]);
  const empty = made([
    { split: "training", n: 0 },
    { split: "test", n: 200, noiseRate: 0.15 },
  ]).find().estimate()!;
  assert.equal(empty.all, null);
  const none = made([{ split: "training", n: 300 }, { split: "test", n: 15 }]);
  assert.equal(none.find().estimate(), null);
});

Deno.test("errorEstimates() are what was found once all labels are judged", () => {
  const { judge, find } = made([{ split: "training", n: 80, noiseRate: 0.15 }]);
  const reviews = judge(rowsFrom(0, 80));
  const nWrong = reviews.filter((r) => r.verdict === "relabel").length;
  const { errors, estimate } = find(reviews);
  const exact = { n: 80, mean: nWrong, low: nWrong, high: nWrong };
  assert.deepEqual(estimate()!.all, exact);
  assert.equal(errors.evidence[0]!.noiseRate, nWrong / 80);
});

Deno.test("errorEstimates() are the same once a sample of a split without labels is given one", () => {
  const { find } = made([
    { split: "training", n: 300, noiseRate: 0.15 },
    { split: "test", n: 40, isUnlabelled: true },
  ]);
  const { errors, estimate } = find([
    { row: 310, verdict: "relabel", label: 1 },
  ]);
  assert.deepEqual(estimate([3]), find().estimate([3]));
  assert.equal(errors.evidence[1]!.noiseRate, null);
  assert.ok(Math.abs(errors.evidence[0]!.noiseRate! - 0.15) < 0.1);
});

Deno.test("labelErrors() tells numbers of a split by verdicts on its own samples", () => {
  const { evidence, judge, find } = made([
    { split: "training", n: 400 },
    { split: "test", n: 200 },
  ]);
  const { errors, estimate } = find(judge(rowsFrom(0, 200)));
  const [training, test] = errors.evidence;
  assert.equal(training!.isCalibrated, true);
  assert.ok(training!.noiseRate! > 0.1);
  assert.equal(test!.isCalibrated, false);
  assert.equal(test!.noiseRate, null);
  // out of sample, log-odds are on another scale
  assert.deepEqual(test!.logOdds, evidence[1]!.logOdds);
  assert.notEqual(training!.logOdds[300], evidence[0]!.logOdds[300]);
  const { basis, all, top } = estimate()!;
  assert.equal(basis, "verdicts");
  assert.equal(all!.n, 400);
  assert.equal(top[0]!.n, 100);

  const both = find(judge([...rowsFrom(0, 200), ...rowsFrom(400, 60)])).errors;
  assert.equal(both.evidence[1]!.isCalibrated, true);
  assert.ok(both.evidence[1]!.noiseRate! > 0.1);
  const other = find(judge(rowsFrom(400, 60)));
  assert.equal(other.errors.evidence[0]!.noiseRate, null);
  assert.equal(other.estimate()!.all, null);
  assert.equal(other.estimate()!.basis, "verdicts");
});

Deno.test("labelErrors() takes too few verdicts in each of two splits for too few", () => {
  const { judge, find } = made([
    { split: "training", n: 400 },
    { split: "test", n: 200 },
  ]);
  const { errors, estimate } = find(
    judge([...rowsFrom(0, 29), ...rowsFrom(400, 29)]),
  );
  assert.deepEqual(errors.evidence.map((e) => e.noiseRate), [null, null]);
  assert.equal(estimate(), null);
});

Deno.test("labelErrors() ranks splits that are out of sample by verdicts on any of them, and tells what each has verdicts for", () => {
  const { evidence, judge, find } = made([
    { split: "validation", n: 300 },
    { split: "training", n: 300, noiseRate: 0.1 },
    { split: "test", n: 100 },
  ]);
  const { errors } = find(judge(rowsFrom(0, 100)));
  const [validation, training, test] = errors.evidence;
  assert.ok(validation!.isCalibrated && !test!.isCalibrated);
  assert.deepEqual(training!.logOdds, evidence[1]!.logOdds);
  const shifts = test!.logOdds.map((z, i) => z - evidence[2]!.logOdds[i]!);
  assert.ok(shifts.every((shift) => shift > 0), `${shifts}`);
});

Deno.test("labelErrors() draws a split without verdicts by what is usual", () => {
  const { judge, find } = made([
    { split: "training", n: 400 },
    { split: "test", n: 200, noiseRate: 0.15 },
  ]);
  const { logOdds, draw } = find(judge(rowsFrom(0, 200))).errors;
  const curve = draw(() => 1);
  const usual = (row: number) => 0.8 + 1.3 * logOdds[row]!;
  assert.ok(Math.abs(curve(500) - usual(500)) < 1e-9);
  assert.ok(Math.abs(curve(300) - usual(300)) > 0.1);
  assert.ok(Math.abs(draw(() => 0)(500) - logOdds[500]!) < 1e-9);
});

Deno.test("labelErrors() leaves evidence as it is without verdicts, and settles what people judged", () => {
  const { evidence, find } = made([
    { split: "training", n: 50, noiseRate: 0.15, isCalibrated: true },
  ]);
  assert.equal(find().errors.evidence, evidence);
  const { errors } = find([
    { row: 0, verdict: "keep", label: 0 },
    { row: 1, verdict: "relabel", label: 1 },
    { row: 2, verdict: "drop", label: -1 },
  ]);
  const own = errors.evidence[0]!;
  assert.deepEqual([...own.probability.subarray(0, 3)], [0, 0, NaN]);
  assert.ok(errors.logOdds.subarray(0, 3).every((z) => Number.isNaN(z)));
  const open = own.probability.subarray(3).reduce((a, b) => a + b);
  assert.ok(Math.abs(own.noiseRate! - (1 + open) / 49) < 1e-12);
});
