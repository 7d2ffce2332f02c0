import assert from "node:assert/strict";
import { connectedComponents } from "./connected_components.ts";
import { seededRandom } from "./seeded_random.ts";

function slow(n: number, pairs: number[]): Int32Array {
  const label = Int32Array.from({ length: n }, (_, i) => i);
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < pairs.length; i += 2) {
      const [a, b] = [pairs[i]!, pairs[i + 1]!];
      label[a] = label[b] = Math.min(label[a]!, label[b]!);
    }
  }
  return label;
}

Deno.test("connectedComponents() agrees with the obvious slow version", () => {
  const random = seededRandom(2);
  for (let round = 0; round < 20; round++) {
    const pairs = Array.from({ length: 40 }, () => Math.floor(random() * 50));
    assert.deepEqual(connectedComponents(50, pairs), slow(50, pairs));
  }
});

Deno.test("connectedComponents() leaves nodes without an edge alone", () => {
  assert.deepEqual(connectedComponents(3, []), Int32Array.of(0, 1, 2));
  assert.deepEqual(connectedComponents(0, []), new Int32Array(0));
});
