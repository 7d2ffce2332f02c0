// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { seedRun } from "../../_shared/testing/seed.ts";
import { type CursorValue, encodeCursor } from "../../_shared/store/page.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

const ID = "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11";
const FORGED: readonly CursorValue[][] = [
  [],
  ["x"],
  ["x", "y"],
  ["2026-02-30 00:00:00+00", ID],
  ["2026-02-03 00:00:00+00", "y"],
  ["infinity", ID],
  ["999999999999999999999999"],
  ["-1"],
  ["\0", ID],
  [ID, 1.5, 0],
  [ID, 1e300, null],
  [null, null],
];

testApp(
  "api: cursors that nobody was given",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask }) => {
    const { runId, revisionId } = await seedRun(world.admin, world.mine, 5);
    const lists = [
      "/projects",
      "/datasets",
      "/runs",
      "/jobs",
      `/projects/${world.mine}/members`,
      `/projects/${world.mine}/keys`,
      `/runs/${runId}/samples`,
      `/runs/${runId}/problems`,
      `/runs/${runId}/verdicts`,
    ];
    const cursors = [
      ...FORGED,
      [revisionId, 1.5, 0],
      [revisionId, 1e300, 0],
      [revisionId, -1, null],
    ].map(encodeCursor);
    for (const list of lists) {
      await t.step(`GET ${list.split("/").at(-1)} refuses them`, async () => {
        for (const cursor of [...cursors, "%%%", "é", "e30", "W10"]) {
          const query = new URLSearchParams({ cursor });
          const answer = await ask("owner", "GET", `${list}?${query}`);
          assert.ok(
            [200, 400, 409].includes(answer.status),
            `${cursor}: ${world.logged.at(-2)}`,
          );
        }
      });
    }

    await t.step("rows of one millisecond are each on one page", async () => {
      const made = [runId];
      for (const seed of [1, 2]) {
        made.push((await seedRun(world.admin, world.mine, 1, seed)).runId);
      }
      for (const [i, id] of made.entries()) {
        const at = `2026-01-01 00:00:00.00000${i + 1}+00`;
        await world
          .admin`update assay.runs set created_at = ${at}::text::timestamptz where id = ${id}`;
      }
      const met: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null && met.length < 10) {
        const after: string = cursor === "" ? "" : `&cursor=${cursor}`;
        const { json } = await ask("owner", "GET", `/runs?limit=1${after}`);
        met.push(json.rows[0].run_id);
        cursor = json.next_cursor;
      }
      assert.deepEqual(met, made.reverse());
    });

    await t.step("a key may not end when no calendar has the day", async () => {
      for (const at of ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"]) {
        const path = `/projects/${world.mine}/keys`;
        const body = { name: "x", scopes: ["read"], expires_at: at };
        const answer = await ask("owner", "POST", path, body);
        assert.ok(
          [201, 400].includes(answer.status),
          `${at}: ${world.logged.at(-2)}`,
        );
      }
    });
  },
);
