import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { BestPlaces } from "./_knn_scores.ts";

Deno.test("BestPlaces keeps the best of all pieces, the earlier of equal ones first, by add() and by scan()", () => {
  const random = seededRandom(1);
  const width = 4;
  for (let round = 0; round < 50; round++) {
    const added = new BestPlaces(2, width);
    const scanned = new BestPlaces(2, width);
    const all: { score: number; place: number }[] = [];
    for (let piece = 0; piece < 3; piece++) {
      const scores = Float32Array.from(
        { length: 1 + piece * 4 },
        () => Math.floor(random() * 6),
      );
      const places = Int32Array.from(scores, (_, i) => 100 * piece + i);
      const order = [...places.keys()]
        .sort((a, b) => scores[b]! - scores[a]! || a - b)
        .slice(0, width);
      added.add(
        1,
        order.map((i) => scores[i]!),
        order,
        0,
        order.length,
        (i) => places[i]!,
      );
      scanned.scan(1, scores, 0, places);
      places.forEach((place, i) => all.push({ score: scores[i]!, place }));
    }
    const expected = all
      .sort((a, b) => b.score - a.score || a.place - b.place)
      .slice(0, width).map(({ place }) => place);
    assert.deepEqual([...added.places], [-1, -1, -1, -1, ...expected]);
    assert.deepEqual(scanned.places, added.places);
  }
});

Deno.test("BestPlaces leaves places empty where there are fewer, and takes no NaN", () => {
  const best = new BestPlaces(1, 3);
  best.scan(0, Float32Array.of(9, 2, NaN, 3), 1, Int32Array.of(7, 8, 9));
  assert.deepEqual(best.places, Int32Array.of(9, 7, -1));
  best.add(0, [5], [1], 0, 1, (row) => row + 40);
  assert.deepEqual(best.places, Int32Array.of(41, 9, 7));
});
