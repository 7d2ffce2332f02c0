import assert from "node:assert/strict";
import type { StoredKey } from "../store/key_store.ts";
import { createAuthenticate } from "./authenticate.ts";
import { hashSecret, newKeyToken, secretMatches } from "./key_token.ts";
import { readCredentials } from "./credentials.ts";

const { prefix, token, secretHash } = newKeyToken();
const stored: StoredKey = {
  keyId: "22222222-2222-4222-8222-222222222222",
  projectId: "11111111-1111-4111-8111-111111111111",
  secretHash,
  scopes: ["write"],
};
const used: string[] = [];
const authenticate = createAuthenticate({
  keys: {
    find: (wanted) => Promise.resolve(wanted === prefix ? stored : null),
    noteUse: (keyId) => Promise.resolve(void used.push(keyId)),
  },
  verifyJwt: (jwt) =>
    Promise.resolve(
      jwt === "good.jwt.x"
        ? { sub: stored.projectId, role: "authenticated" }
        : jwt === "anon.jwt.x"
        ? { sub: stored.projectId, role: "anon" }
        : null,
    ),
});
const bearer = (text: string) =>
  new Headers({ authorization: `Bearer ${text}` });

Deno.test("authenticate() gives a key its scopes and those they bring along", async () => {
  assert.deepEqual(await authenticate(bearer(token)), {
    kind: "key",
    keyId: stored.keyId,
    projectId: stored.projectId,
    scopes: ["read", "write"],
  });
  assert.deepEqual(used, [stored.keyId]);
});

Deno.test("authenticate() gives a signed-in person", async () => {
  assert.deepEqual(await authenticate(bearer("good.jwt.x")), {
    kind: "person",
    userId: stored.projectId,
  });
});

Deno.test("authenticate() throws unauthenticated for anything unproven", async () => {
  const last = token.endsWith("a") ? "b" : "a";
  for (
    const headers of [
      new Headers(),
      new Headers({ authorization: "Basic eA==" }),
      bearer(token.slice(0, -1) + last),
      bearer(newKeyToken().token),
      bearer("anon.jwt.x"),
      bearer("other.jwt.x"),
      bearer("sb_secret_abc"),
      bearer("assay_short_x"),
    ]
  ) {
    await assert.rejects(authenticate(headers), { code: "unauthenticated" });
  }
  assert.equal(used.length, 1, "a key is used by whoever has its secret");
});

Deno.test("newKeyToken() makes a token that reads back as prefix and secret", () => {
  const credentials = readCredentials(bearer(token));
  assert.ok(credentials?.kind === "key");
  assert.equal(credentials.prefix, prefix);
  assert.ok(secretMatches(credentials.secret, secretHash));
  assert.ok(!secretMatches(credentials.secret + "x", secretHash));
  assert.ok(!secretMatches("", new Uint8Array(0)));
  assert.deepEqual(hashSecret(credentials.secret), secretHash);
});
