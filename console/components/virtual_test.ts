import assert from "node:assert/strict";
import { scrollTarget, visibleRange } from "./virtual.ts";

Deno.test("visibleRange() holds the rows in sight and some beside", () => {
  assert.deepEqual(
    visibleRange({
      top: 1_000,
      height: 400,
      rowPx: 50,
      count: 20_000,
      extra: 2,
    }),
    { start: 18, end: 30 },
  );
});

Deno.test("visibleRange() stays inside the list", () => {
  assert.deepEqual(
    visibleRange({ top: -300, height: 200, rowPx: 50, count: 9, extra: 1 }),
    { start: 0, end: 0 },
  );
  assert.deepEqual(
    visibleRange({ top: 9_000, height: 200, rowPx: 50, count: 9, extra: 1 }),
    { start: 9, end: 9 },
  );
});

Deno.test("scrollTarget() moves as little as needed", () => {
  const view = { top: 100, height: 200, rowPx: 50 };
  assert.equal(scrollTarget({ ...view, index: 3 }), null);
  assert.equal(scrollTarget({ ...view, index: 1 }), 50);
  assert.equal(scrollTarget({ ...view, index: 6 }), 150);
});
