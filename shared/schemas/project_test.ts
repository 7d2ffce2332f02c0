import assert from "node:assert/strict";
import {
  parseKeyRequest,
  parseMemberRequest,
  parseProjectRequest,
} from "./project.ts";

Deno.test("parseKeyRequest() takes each scope once and no expiry by default", () => {
  assert.deepEqual(parseKeyRequest({ name: "ci", scopes: ["read", "read"] }), {
    name: "ci",
    scopes: ["read"],
    expiresAt: null,
  });
  assert.throws(() => parseKeyRequest({ name: "ci", scopes: [] }), /scopes/);
  assert.throws(
    () => parseKeyRequest({ name: "ci", scopes: ["root"] }),
    /scopes/,
  );
  assert.throws(
    () => parseKeyRequest({ name: "ci", scopes: ["read"], expires_at: "soon" }),
    /expires_at/,
  );
});

Deno.test("parseMemberRequest() and parseProjectRequest() refuse what they do not know", () => {
  assert.throws(() => parseMemberRequest({ role: "god" }), /role/);
  assert.throws(() => parseProjectRequest({ name: "" }), /name/);
  assert.throws(() => parseProjectRequest({ name: "x", owner: "y" }), /owner/);
});
