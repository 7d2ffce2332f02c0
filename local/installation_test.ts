import assert from "node:assert/strict";
import { join } from "node:path";
import { jwtVerify } from "jose";
import {
  loadInstallation,
  publicKeys,
  randomText,
  saveInstallation,
  serviceKey,
} from "./installation.ts";
import { withFolder } from "./testing/folders.ts";

Deno.test("loadInstallation() makes secrets once, for their owner only", async () => {
  await withFolder(async (home) => {
    const made = await loadInstallation(home);
    assert.deepEqual(await loadInstallation(home), made);
    const { mode } = await Deno.stat(join(home, "installation.json"));
    assert.equal(mode! & 0o777, 0o600);
    await saveInstallation(home, {
      ...made,
      first: { projectId: "p", userId: "u", apiKey: "k" },
    });
    const { first, ...secrets } = await loadInstallation(home);
    assert.equal(first!.apiKey, "k");
    assert.deepEqual(secrets, made);
    assert.deepEqual(
      [...Deno.readDirSync(home)].map(({ name }) => name),
      ["installation.json"],
    );
  });
});

Deno.test("loadInstallation() gives each installation secrets of its own", async () => {
  await withFolder(async (home) => {
    const [a, b] = await Promise.all([
      loadInstallation(join(home, "a")),
      loadInstallation(join(home, "b")),
    ]);
    const secretsOf = ({ signingJwk, passwords, ...rest }: typeof a) => [
      signingJwk.d,
      ...Object.values(passwords),
      ...Object.values(rest),
    ];
    const all = [...secretsOf(a), ...secretsOf(b)];
    assert.equal(new Set(all).size, all.length);
  });
});

Deno.test("publicKeys() keeps the private part to itself, serviceKey() is signed by the secret", async () => {
  await withFolder(async (home) => {
    const installation = await loadInstallation(home);
    const [key] = publicKeys(installation).keys;
    assert.equal(key!.d, undefined);
    assert.equal(key!.x, installation.signingJwk.x);
    const { payload } = await jwtVerify(
      await serviceKey(installation),
      new TextEncoder().encode(installation.jwtSecret),
    );
    assert.equal(payload.role, "service_role");
  });
});

Deno.test("randomText() is letters and digits, each about as often", () => {
  const text = Array.from({ length: 100 }, () => randomText(620)).join("");
  assert.match(text, /^[0-9A-Za-z]{62000}$/);
  const counts = new Map<string, number>();
  for (const letter of text) {
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  assert.equal(counts.size, 62);
  for (const [letter, n] of counts) {
    assert.ok(n > 800 && n < 1200, `${letter} ${n}`); // mean 1000, 6 sigma
  }
});
