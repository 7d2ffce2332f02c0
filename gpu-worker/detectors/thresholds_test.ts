import assert from "node:assert/strict";
import { THRESHOLDS } from "@shared/types/threshold.ts";
import { DETECTORS } from "./mod.ts";

Deno.test("THRESHOLDS lists the defaults of every detector, under the names of the wire", () => {
  const listed = Object.fromEntries(
    DETECTORS.map(({ issueType }) => [
      issueType,
      Object.fromEntries(
        Object.entries(THRESHOLDS[issueType] ?? {}).map(([name, range]) => [
          name.replaceAll(/_(\w)/g, (_, letter) => letter.toUpperCase()),
          range.default,
        ]),
      ),
    ]),
  );
  assert.deepEqual(
    listed,
    Object.fromEntries(
      DETECTORS.map(({ issueType, defaults }) => [issueType, defaults]),
    ),
  );
  assert.deepEqual(
    Object.keys(THRESHOLDS).filter((type) => !(type in listed)),
    [],
  );
});

Deno.test("THRESHOLDS has defaults within their ranges", () => {
  for (const [type, ranges] of Object.entries(THRESHOLDS)) {
    for (const [name, range] of Object.entries(ranges)) {
      const { min, max, is_integer: isInteger } = range;
      const fits = range.default >= min && range.default <= max;
      assert.ok(fits, `${type}.${name}`);
      assert.ok(!isInteger || Number.isInteger(range.default));
    }
  }
});
