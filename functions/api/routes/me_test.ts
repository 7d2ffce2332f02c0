import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: who is calling",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, get, app }) => {
    const { platform, users } = world;

    await t.step("GET /me names the caller and their projects", async () => {
      const person = await get("/me");
      assert.deepEqual(
        [person.json.kind, person.json.user_id, person.json.key_id],
        ["person", users.viewer, null],
      );
      assert.deepEqual(
        person.json.projects.map((
          p: { name: string; role: string },
        ) => [p.name, p.role]),
        [["mine", "viewer"]],
      );
      const key = await get("/me", "ingestKey");
      assert.equal(key.json.kind, "key");
      assert.deepEqual([key.json.user_id, key.json.projects[0].role], [
        null,
        null,
      ]);
    });

    await t.step(
      "a token that is expired, forged, of another role or no token answers 401",
      async () => {
        const status = async (authorization: string) =>
          (await app.request("/api/v1/me", { headers: { authorization } }))
            .status;
        const user = users.viewer!;
        assert.equal(
          await status(`Bearer ${await platform.tokenOf(user)}`),
          200,
        );
        assert.equal(
          await status(
            `Bearer ${await platform.tokenOf(user, { exp: 1_000 })}`,
          ),
          401,
        );
        assert.equal(
          await status(`Bearer ${await platform.forgedTokenOf(user)}`),
          401,
        );
        assert.equal(
          await status(
            `Bearer ${await platform.tokenOf(user, {
              role: "service_role",
            })}`,
          ),
          401,
        );
        assert.equal(
          await status(`Bearer ${await platform.tokenOf("root")}`),
          401,
        );
        assert.equal(
          await status(world.auth.readKey.slice(0, -1) + "!"),
          401,
        );
        assert.equal(
          await status(
            world.auth.readKey.slice(0, -1) +
              (world.auth.readKey.endsWith("a") ? "b" : "a"),
          ),
          401,
        );
        assert.equal(await status("Basic x"), 401);
        assert.equal(await status("Bearer a.b.c"), 401);
      },
    );

    await t.step("GET ready tells when Storage is away", async () => {
      assert.equal((await get("/ready", "anonymous")).status, 200);
      platform.down.storage = true;
      assert.equal((await get("/ready", "anonymous")).status, 503);
      platform.down.storage = false;
    });
  },
);
