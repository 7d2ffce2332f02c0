import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { imageFacts, luminanceOf } from "./image_facts.ts";

/** Two-pass moments of a list. */
function momentsOf(values: number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) /
    values.length;
  return { mean, variance };
}

/** The same, cell by cell, as its definition says. */
function slowFacts(rows: number[][]) {
  const laplacian: number[] = [];
  rows.forEach((row, y) =>
    row.forEach((centre, x) => {
      const around = [
        rows[y - 1]?.[x],
        rows[y + 1]?.[x],
        rows[y]![x - 1],
        rows[y]![x + 1],
      ];
      if (around.includes(undefined)) return;
      laplacian.push(around.reduce<number>((sum, v) => sum + v! - centre, 0));
    })
  );
  const { mean, variance } = momentsOf(rows.flat());
  return {
    luminance: mean,
    contrast: Math.sqrt(variance),
    sharpness: momentsOf(laplacian).variance,
  };
}

Deno.test("imageFacts() gives what the definition gives", () => {
  const random = seededRandom(3);
  for (const side of [3, 4, 17, 64]) {
    const luminance = Float32Array.from({ length: side * side }, random);
    const rows = Array.from(
      { length: side },
      (_, y) => [...luminance.subarray(y * side, (y + 1) * side)],
    );
    const [fast, slow] = [imageFacts(luminance, side), slowFacts(rows)];
    for (const name of ["luminance", "contrast", "sharpness"] as const) {
      assert.ok(Math.abs(fast[name] - slow[name]) < 1e-5, `${side} ${name}`);
    }
  }
});

Deno.test("imageFacts() stays in its ranges where an image is as it can be", () => {
  const side = 256;
  const board = Float32Array.from(
    { length: side * side },
    (_, i) => (i + Math.floor(i / side)) % 2,
  );
  const { luminance, contrast, sharpness } = imageFacts(board);
  assert.equal(luminance, 0.5);
  assert.equal(contrast, 0.5);
  assert.equal(sharpness, 16);
});

Deno.test("imageFacts() finds a blurred image less sharp, and as bright", () => {
  const side = 64;
  const edges = Float32Array.from(
    { length: side * side },
    (_, i) => Math.floor(i % side / 8) % 2,
  );
  const blurred = edges.map((_, i) => {
    const x = i % side;
    const near = [-2, -1, 0, 1, 2].map((d) =>
      edges[i - x + Math.min(side - 1, Math.max(0, x + d))]!
    );
    return near.reduce((sum, v) => sum + v, 0) / 5;
  });
  const [sharp, soft] = [imageFacts(edges, side), imageFacts(blurred, side)];
  assert.ok(soft.sharpness < sharp.sharpness / 5);
  assert.ok(Math.abs(soft.luminance - sharp.luminance) < 0.02);
});

Deno.test("luminanceOf() weighs colors as eyes do", () => {
  const [red, green, blue, grey] = luminanceOf(
    Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 51, 51),
  );
  assert.ok(green! > red! && red! > blue!);
  assert.ok(Math.abs(red! + green! + blue! - 1) < 1e-6);
  assert.ok(Math.abs(grey! - 0.2) < 1e-6);
});
