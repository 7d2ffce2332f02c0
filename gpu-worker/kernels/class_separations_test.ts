import assert from "node:assert/strict";
import { seededRandom } from "@shared/statistics/seeded_random.ts";
import { classSeparations } from "./class_separations.ts";

Deno.test("classSeparations() agree with the ratio of each pair", () => {
  const random = seededRandom(8);
  const [n, cols, K] = [60, 4, 3];
  const labels = Int32Array.from(
    { length: n },
    () => Math.floor(4 * random()) - 1,
  );
  const rows = Array.from(
    labels,
    (y) =>
      Array.from(
        { length: cols },
        (_, c) => Math.fround(random() + (c === y ? y : 0)),
      ),
  );
  const mean = (v: number[]) => v.reduce((s, x) => s + x, 0) / v.length;
  const classes = Array.from({ length: K }, (_, k) => {
    const own = rows.filter((_, i) => labels[i] === k);
    const centre = Array.from(
      { length: cols },
      (_, c) => mean(own.map((r) => r[c]!)),
    );
    const spread = mean(
      own.map((r) => r.reduce((s, x, c) => s + (x - centre[c]!) ** 2, 0)),
    );
    return { centre, spread };
  });
  const found = classSeparations(
    { data: Float32Array.from(rows.flat()), rows: n, cols },
    labels,
    K + 1, // a class without a sample
  );
  classes.forEach(({ centre, spread }, a) => {
    const ratios = classes.map((other, b) =>
      b === a
        ? Infinity
        : centre.reduce((s, x, c) => s + (x - other.centre[c]!) ** 2, 0) /
          (spread + other.spread)
    );
    const least = Math.min(...ratios);
    assert.equal(found[a]!.nearest, ratios.indexOf(least));
    assert.ok(Math.abs(found[a]!.ratio - least) < 1e-9 * (1 + least));
  });
  assert.deepEqual(found[K], { nearest: -1, ratio: NaN });
});

Deno.test("classSeparations() leave out what is not finite", () => {
  const points = { data: Float32Array.of(0, NaN, 2), rows: 3, cols: 1 };
  assert.deepEqual(
    classSeparations(points, Int32Array.of(0, 0, 1), 2).map((c) => c.nearest),
    [1, 0],
  );
});

Deno.test("classSeparations() of classes that coincide in one point are 0", () => {
  const points = { data: Float32Array.of(3, 3, 3, 9, 11), rows: 5, cols: 1 };
  assert.deepEqual(
    classSeparations(points, Int32Array.of(0, 0, 1, 2, 2), 3),
    [
      { nearest: 1, ratio: 0 },
      { nearest: 0, ratio: 0 },
      { nearest: 0, ratio: 49 },
    ],
  );
});
