import assert from "node:assert/strict";
import { secretPart } from "./secrets.ts";

Deno.test("secretPart() is the whole of what opens a door, whatever letters it holds", () => {
  assert.equal(secretPart("head.body.sig_nat-ure_4"), "sig_nat-ure_4");
  assert.equal(secretPart("assay_id_se_cret"), "se_cret");
});
