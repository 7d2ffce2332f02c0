import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { createAuthenticate } from "../auth/authenticate.ts";
import { newKeyToken } from "../auth/key_token.ts";
import { createWorld, type World } from "../testing/world.ts";
import { createKeyStore } from "./key_store.ts";

/** A key of the project, its token, and what is known of its use. */
async function newKey({ admin, mine }: World) {
  const { prefix, token, secretHash } = newKeyToken();
  const [row] = await admin`
    insert into assay.api_keys (project_id, prefix, secret_hash, name, scopes)
    values (${mine}, ${prefix}, ${secretHash}, 'x', ${["read"]}) returning id`;
  const id = row!.id as string;
  return {
    id,
    prefix,
    token,
    set: (column: string, value: string) =>
      admin.unsafe(
        `update assay.api_keys set ${column} = ${value} where id = '${id}'`,
      ),
    usedAt: async (): Promise<Date | null> => {
      const [found] = await admin`
        select last_used_at from assay.api_keys where id = ${id}`;
      return found!.last_used_at;
    },
  };
}

for (const engine of testEngines()) {
  Deno.test(`API keys on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    try {
      await keys(t, world);
    } finally {
      await world.stop();
    }
  });
}

async function keys(t: Deno.TestContext, world: World) {
  let now = 0;
  const authenticateWith = (clock: () => number) => {
    const authenticate = createAuthenticate({
      keys: createKeyStore(world.edge.database, clock),
      verifyJwt: () => Promise.resolve(null),
    });
    return (token: string) =>
      authenticate(new Headers({ authorization: `Bearer ${token}` }));
  };
  const authenticate = authenticateWith(() => now);
  const refused = (token: string) =>
    assert.rejects(authenticate(token), { code: "unauthenticated" });

  await t.step("nothing that opens a door is kept", async () => {
    const key = await newKey(world);
    const [row] = await world.admin`
      select k::text as text from assay.api_keys k where id = ${key.id}`;
    assert.ok(!row!.text.includes(key.token.split("_")[2]!));
  });

  await t.step("a key works until it is revoked or has expired", async () => {
    for (const column of ["revoked_at", "expires_at"]) {
      const key = await newKey(world);
      assert.equal((await authenticate(key.token)).kind, "key");
      await key.set(column, "now() + interval '1 hour'");
      if (column === "expires_at") await authenticate(key.token);
      await key.set(column, "now() - interval '1 second'");
      await refused(key.token);
    }
  });

  await t.step("only who has the secret uses a key", async () => {
    const key = await newKey(world);
    await refused(`assay_${key.prefix}_${"x".repeat(40)}`);
    assert.equal(await key.usedAt(), null);
    await authenticate(key.token);
    assert.ok(await key.usedAt());
  });

  await t.step(
    "a use is noted once a minute, by each isolate and by all",
    async () => {
      const key = await newKey(world);
      await authenticate(key.token);
      await key.set("last_used_at", "null");
      await authenticate(key.token);
      assert.equal(await key.usedAt(), null, "it was noted already");
      now += 60_000;
      await authenticate(key.token);
      const first = await key.usedAt();
      assert.ok(first);
      await authenticateWith(() => now)(key.token); // another isolate
      assert.deepEqual(await key.usedAt(), first);
      await key.set("last_used_at", "now() - interval '2 minutes'");
      await authenticateWith(() => now)(key.token);
      assert.ok((await key.usedAt())! >= first);
    },
  );
}
