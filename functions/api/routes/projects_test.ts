import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: projects",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get, app }) => {
    const { mine, users } = world;

    await t.step(
      "projects are made, renamed and shared, and keep an owner",
      async () => {
        const made = await ask("stranger", "POST", "/projects", {
          name: "new",
        });
        assert.deepEqual([made.status, made.json.role], [201, "owner"]);
        const path = `/projects/${made.json.project_id}`;
        const renamed = await ask("stranger", "PATCH", path, {
          name: "newer",
        });
        assert.equal(renamed.json.name, "newer");
        const member = await ask(
          "stranger",
          "PUT",
          `${path}/members/${users.viewer}`,
          { role: "editor" },
        );
        assert.deepEqual([member.status, member.json.role], [200, "editor"]);
        assert.equal((await get(`${path}/members`)).json.rows.length, 2);
        const last = await ask(
          "stranger",
          "PUT",
          `${path}/members/${users.stranger}`,
          { role: "viewer" },
        );
        assert.deepEqual([last.status, last.json.error.code], [
          409,
          "conflict",
        ]);
        assert.equal(
          (await ask(
            "stranger",
            "DELETE",
            `${path}/members/${users.stranger}`,
          )).status,
          409,
        );
        assert.equal(
          (await ask(
            "stranger",
            "PUT",
            `${path}/members/${crypto.randomUUID()}`,
            { role: "viewer" },
          )).status,
          404,
        );
        assert.equal(
          (await ask("stranger", "PUT", `${path}/members/7`, {
            role: "viewer",
          })).status,
          404,
        );
        assert.equal(
          (await ask("stranger", "DELETE", `${path}/members/${users.viewer}`))
            .status,
          204,
        );
        assert.equal(
          (await ask("stranger", "DELETE", `${path}/members/${users.viewer}`))
            .status,
          404,
        );
        assert.equal((await get(path)).status, 404);
      },
    );

    await t.step(
      "a new key works at once, is listed without secret, and ends when revoked",
      async () => {
        const made = await ask("owner", "POST", `/projects/${mine}/keys`, {
          name: "ci",
          scopes: ["read", "read"],
        });
        assert.equal(made.status, 201);
        assert.deepEqual(made.json.scopes, ["read"]);
        assert.match(
          made.json.token,
          /^assay_[0-9A-Za-z]{10}_[0-9A-Za-z]{40}$/,
        );
        const me = () =>
          app.request("/api/v1/me", {
            headers: { authorization: `Bearer ${made.json.token}` },
          });
        assert.equal((await me()).status, 200);
        const listed = await get(`/projects/${mine}/keys`, "owner");
        const row = listed.json.rows.find((key: { key_id: string }) =>
          key.key_id === made.json.key_id
        );
        assert.ok(row.last_used_at);
        assert.deepEqual(Object.keys(row).sort(), [
          "created_at",
          "expires_at",
          "key_id",
          "last_used_at",
          "name",
          "prefix",
          "scopes",
        ]);
        assert.equal(
          (await ask(
            "owner",
            "DELETE",
            `/projects/${mine}/keys/${made.json.key_id}`,
          )).status,
          204,
        );
        assert.equal((await me()).status, 401);
        const past = await ask("owner", "POST", `/projects/${mine}/keys`, {
          name: "old",
          scopes: ["read"],
          expires_at: "2020-01-01T00:00:00Z",
        });
        const expired = await app.request("/api/v1/me", {
          headers: { authorization: `Bearer ${past.json.token}` },
        });
        assert.equal(expired.status, 401);
      },
    );
  },
);
