import assert from "node:assert/strict";
import { decodeJson } from "./json_rows.ts";
import { sampleContent } from "./sample_content.ts";

function contents(rows: object[]) {
  const table = decodeJson(new TextEncoder().encode(JSON.stringify(rows)));
  return rows.map((_, row) => sampleContent(table, row));
}

Deno.test("sampleContent() gives text, image and features, null where there is none", () => {
  const [all, none] = contents([
    { text: "words", image: "https://host/a.png", features: [1, 2.5] },
    { id: "b" },
  ]);
  assert.deepEqual(all, {
    text: "words",
    image: "https://host/a.png",
    features: Float64Array.of(1, 2.5),
  });
  assert.deepEqual(none, { text: null, image: null, features: null });
});

Deno.test("sampleContent() takes a base64 data URI for the bytes it holds", () => {
  const [found] = contents([{ image: "data:image/png;base64,AAEC" }]);
  assert.deepEqual(
    (found as { image: unknown }).image,
    Uint8Array.of(0, 1, 2),
  );
});

Deno.test("sampleContent() names the column and the rule of what it cannot use", () => {
  const found = contents([
    { text: 5 },
    { features: [1, null] },
    { features: "1,2" },
    { features: [1, "x"] },
    { image: 5 },
    { image: "data:image/png;base64,?" },
    { image: "data:image/png,raw" },
  ]) as { column: string; rule: string }[];
  assert.deepEqual(found.map((f) => f.column), [
    "text",
    "features",
    "features",
    "features",
    "image",
    "image",
    "image",
  ]);
  for (const { rule } of found) assert.match(rule, /must be/);
});
