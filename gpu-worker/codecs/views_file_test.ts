import assert from "node:assert/strict";
import { decodeViews, encodeViews } from "./views_file.ts";

Deno.test("decodeViews() gives back what encodeViews() was given", () => {
  const views = {
    views: [
      {
        name: "columns",
        features: { data: Float32Array.of(1, NaN, 3), rows: 3, cols: 1 },
      },
      {
        name: "tfidf",
        features: { data: new Float32Array(6).fill(0.5), rows: 3, cols: 2 },
      },
    ],
    problems: [{
      partId: "p",
      row: 1,
      column: "image",
      message: "m",
      nRows: 2,
    }],
    notes: ["Texts are means of their tokens"],
  };
  assert.deepEqual(decodeViews(encodeViews(views)), views);
});

Deno.test("encodeViews() holds a large view in little more than its own bytes", () => {
  const features = {
    data: new Float32Array(50_000 * 512),
    rows: 50_000,
    cols: 512,
  };
  features.data[features.data.length - 1] = 7;
  const file = encodeViews({
    views: [{ name: "tokens", features }],
    problems: [],
    notes: [],
  });
  assert.ok(file.length - features.data.byteLength < 1000);
  const [view] = decodeViews(file).views;
  assert.equal(view!.features.data.buffer, file.buffer, "not copied");
  assert.equal(view!.features.data.at(-1), 7);
});

Deno.test("decodeViews() takes a run of which nothing can be seen", () => {
  const nothing = { views: [], problems: [], notes: [] };
  assert.deepEqual(decodeViews(encodeViews(nothing)), nothing);
});

Deno.test("decodeViews() gives back what was measured of images", () => {
  const measured = {
    views: [],
    facts: {
      image_width: Float32Array.of(640, NaN),
      image_sharpness: Float32Array.of(0.25, NaN),
    },
    imageHashes: Uint32Array.of(4_000_000_000, 7, 0, 0),
    problems: [],
    notes: [],
  };
  assert.deepEqual(decodeViews(encodeViews(measured)), measured);
});
