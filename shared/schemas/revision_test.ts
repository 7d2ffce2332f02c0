import assert from "node:assert/strict";
import {
  parseDifferenceQuery,
  parseRevisionPageQuery,
  parseRevisionQuery,
} from "./revision.ts";

const id = "6f1c1c2e-6c43-4c58-9f0e-6d4f3a2b1c0d";

Deno.test("parseRevisionQuery() takes a revision, or none for the published one", () => {
  assert.equal(parseRevisionQuery({ revision: id.toUpperCase() }), id);
  assert.equal(parseRevisionQuery({}), null);
  assert.throws(() => parseRevisionQuery({ revision: "2" }), /revision/);
  assert.throws(() => parseRevisionQuery({ version: id }), /version/);
  assert.deepEqual(parseRevisionPageQuery({ revision: id, limit: "7" }), {
    revision: id,
    limit: 7,
    cursor: null,
  });
});

Deno.test("parseDifferenceQuery() takes a revision before, and what must differ", () => {
  assert.deepEqual(parseDifferenceQuery({}), {
    limit: 50,
    cursor: null,
    from: null,
    change: "any",
  });
  const query = { from: id, change: "newly_flagged" };
  assert.equal(parseDifferenceQuery(query).change, "newly_flagged");
  assert.throws(() => parseDifferenceQuery({ change: "colour" }), /change/);
});
