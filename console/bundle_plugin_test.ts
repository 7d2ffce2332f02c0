import assert from "node:assert/strict";
import { pickExport } from "./bundle_plugin.ts";

Deno.test("pickExport() prefers the browser's module over Node's", () => {
  assert.equal(
    pickExport({ types: "t", require: "c", import: "m", browser: "b" }),
    "b",
  );
  assert.equal(pickExport({ import: { types: "t", default: "m" } }), "m");
  assert.equal(pickExport("./x.js"), "./x.js");
  assert.equal(pickExport({ types: "t" }), null);
});
