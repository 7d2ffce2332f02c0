import assert from "node:assert/strict";
import { testApp } from "../../_shared/testing/apps.ts";
import { type SeededRun, seedRun } from "../../_shared/testing/seed.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";
import type { Sql } from "postgres";

/** A second revision: the ranks of the first two samples change places, and each changes in its own way. */
async function seedRevision(
  sql: Sql,
  { runId, revisionId: before, jobId }: SeededRun,
  parent: string | null,
): Promise<string> {
  const id = crypto.randomUUID();
  await sql`
    insert into assay.revisions (id, project_id, run_id, job_id, parent_id, number, published_at, summary, n_samples, columns_path, settings)
    select ${id}, v.project_id, v.run_id, ${jobId}, ${parent},
      (select 1 + max(o.number) from assay.revisions o where o.run_id = v.run_id), now(), v.summary, v.n_samples, v.columns_path,
      ${
    sql.json({
      thresholds: { mislabeled: { min_probability: 0.5 } },
      n_verdicts: 2,
      model_id: null,
    })
  }
    from assay.revisions v where v.id = ${before}`;
  await sql`
    insert into assay.sample_results
    select (jsonb_populate_record(x, jsonb_build_object('revision_id', ${id}::uuid)
      || case x.rank
        when 1 then jsonb_build_object('rank', 2, 'issue_type', 'clean', 'issue_types', '[]'::jsonb)
        when 2 then jsonb_build_object('rank', 1, 'mislabeled_probability', 0.25, 'suggested_label', 0)
        when 3 then jsonb_build_object('issue_type', 'hard', 'issue_types', '["hard"]'::jsonb, 'reason', 'Now')
        else '{}' end)).*
    from assay.sample_results x where x.revision_id = ${before}`;
  await sql`
    insert into assay.class_reports select (jsonb_populate_record(c, jsonb_build_object('revision_id', ${id}::uuid, 'n_mislabeled', 7))).*
    from assay.class_reports c where c.revision_id = ${before}`;
  await sql`update assay.runs set published_revision_id = ${id} where id = ${runId}`;
  return id;
}

testApp(
  "api: revisions",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, get }) => {
    const { admin, mine } = world;
    const run = await seedRun(admin, mine, 8);
    const base = `/runs/${run.runId}`;
    for (
      const [rank, issues] of [[1, ["outlier"]], [2, []], [3, []]] as const
    ) {
      await admin`
        update assay.sample_results set issue_types = ${[
        ...issues,
      ]}, issue_type = ${issues[0] ?? "clean"}, suggested_label = 1
        where revision_id = ${run.revisionId} and rank = ${rank}`;
    }
    const [worst, second, third] = run.samples.map((s) => s.sample_id);

    await t.step(
      "the first revision has nothing to be compared with",
      async () => {
        const { json } = await get(`${base}/revisions`);
        assert.equal(json.rows.length, 1);
        assert.deepEqual(json.rows[0].thresholds, {});
        assert.equal(json.rows[0].n_verdicts, null);
        const path = `${base}/revisions/${run.revisionId}/difference`;
        const { status, json: error } = await get(path);
        assert.deepEqual([status, error.error.code], [409, "conflict"]);
      },
    );

    const next = await seedRevision(admin, run, run.revisionId);
    const difference = (query = "") =>
      get(`${base}/revisions/${next}/difference${query}`);

    await t.step(
      "lists revisions newest first, and says which one is followed",
      async () => {
        const first = await get(`${base}/revisions?limit=1`);
        const rest = await get(
          `${base}/revisions?limit=1&cursor=${first.json.next_cursor}`,
        );
        assert.equal(rest.json.next_cursor, null);
        const rows = [...first.json.rows, ...rest.json.rows];
        assert.deepEqual(
          rows.map((row) => [row.revision_id, row.number, row.is_current]),
          [[next, 2, true], [run.revisionId, 1, false]],
        );
        assert.equal(rows[0].parent_id, run.revisionId);
        assert.equal(rows[0].n_verdicts, 2);
        assert.deepEqual(
          (await get(`${base}/revisions/${next}`)).json,
          rows[0],
        );
      },
    );

    await t.step("the old one stays readable, by its id", async () => {
      const idsOf = async (query: string) =>
        (await get(`${base}/samples${query}`)).json.rows.map((
          row: { sample_id: string },
        ) => row.sample_id);
      assert.deepEqual((await idsOf("")).slice(0, 3), [second, worst, third]);
      const old = `?revision=${run.revisionId}`;
      assert.deepEqual(
        await idsOf(old),
        run.samples.map((sample) => sample.sample_id),
      );
      const page = await get(`${base}/samples${old}&limit=2`);
      assert.deepEqual(
        await idsOf(`${old}&limit=2&cursor=${page.json.next_cursor}`),
        run.samples.slice(2, 4).map((sample) => sample.sample_id),
      );
      const mixed = await get(
        `${base}/samples?cursor=${page.json.next_cursor}`,
      );
      assert.equal(mixed.status, 409, "a cursor of another revision");
      const sample = run.samples[0]!;
      const path = `${base}/samples/${sample.split}/${
        encodeURIComponent(sample.sample_id)
      }`;
      assert.equal((await get(path)).json.rank, 2);
      assert.equal((await get(path + old)).json.rank, 1);
      const mislabeled = async (query: string) =>
        (await get(`${base}/classes${query}`)).json.rows[0].n_mislabeled;
      assert.deepEqual([await mislabeled(""), await mislabeled(old)], [7, 1]);
      assert.equal((await get(`${base}/confusions`)).json.rows.length, 0);
      assert.equal((await get(`${base}/confusions${old}`)).json.rows.length, 2);
      assert.equal((await get(`${base}/problems`)).json.rows.length, 0);
      assert.equal((await get(`${base}/problems${old}`)).json.rows.length, 3);
    });

    await t.step("says what changed, in number and by sample", async () => {
      const { json } = await difference();
      assert.deepEqual(
        [json.from_revision_id, json.to_revision_id],
        [run.revisionId, next],
      );
      assert.deepEqual(json.counts, {
        n_compared: 8,
        newly_flagged: 1,
        no_longer_flagged: 1,
        issue_types: 2,
        suggestion: 1,
        probability: 1,
        rank: 2,
        by_issue_type: {
          outlier: { added: 0, removed: 1 },
          hard: { added: 1, removed: 0 },
        },
      });
      assert.deepEqual(
        json.rows.map((row: { sample_id: string }) => row.sample_id),
        [second, worst, third],
      );
      const [first] = json.rows;
      assert.deepEqual(
        [
          first.rank_before,
          first.rank_after,
          first.mislabeled_probability_after,
        ],
        [2, 1, 0.25],
      );
      assert.deepEqual(
        [first.suggested_label_before, first.suggested_label_after],
        ["spam", "ham"],
      );
      assert.equal(json.rows[2].reason, "Now");
    });

    await t.step("pages, and shows one kind of change alone", async () => {
      const first = await difference("?limit=2");
      const rest = await difference(
        `?limit=2&cursor=${first.json.next_cursor}`,
      );
      assert.equal(rest.json.counts, null);
      assert.deepEqual(
        rest.json.rows.map((row: { sample_id: string }) => row.sample_id),
        [third],
      );
      const kinds: [string, (string | undefined)[]][] = [
        ["newly_flagged", [third]],
        ["no_longer_flagged", [worst]],
        ["issue_types", [worst, third]],
        ["suggestion", [second]],
        ["probability", [second]],
        ["rank", [second, worst]],
      ];
      for (const [change, ids] of kinds) {
        const { json } = await difference(`?change=${change}`);
        assert.deepEqual(
          json.rows.map((row: { sample_id: string }) => row.sample_id),
          ids,
          change,
        );
      }
    });

    await t.step("compares two revisions once, and reads that", async () => {
      const kept = await admin`
        select from_revision_id, to_revision_id, created_at from assay.revision_differences where run_id = ${run.runId}`;
      assert.deepEqual(
        kept.map((row) => [row.from_revision_id, row.to_revision_id]),
        [[run.revisionId, next]],
      );
      await admin`update assay.revision_differences set counts = counts || '{"n_compared": 7}' where to_revision_id = ${next}`;
      assert.equal((await difference()).json.counts.n_compared, 7);
      await admin`delete from assay.revision_differences where to_revision_id = ${next}`;
      const { json } = await difference("?change=rank&limit=1");
      assert.deepEqual([json.counts.n_compared, json.counts.rank], [8, 2]);
      await admin`delete from assay.revision_differences where to_revision_id = ${next}`;
      const rest = await difference(
        `?change=rank&limit=1&cursor=${json.next_cursor}`,
      );
      assert.deepEqual(
        [rest.json.counts, rest.json.rows[0].sample_id, rest.json.next_cursor],
        [null, worst, null],
        "a cursor outlives what was kept",
      );
    });

    await t.step("compares with any other revision of the run", async () => {
      const back = await get(
        `${base}/revisions/${run.revisionId}/difference?from=${next}`,
      );
      assert.equal(back.json.counts.newly_flagged, 1);
      assert.equal(back.json.counts.by_issue_type.outlier.added, 1);
      const other = await get(
        `${base}/revisions/${run.revisionId}/difference?cursor=${
          (await difference("?limit=1")).json.next_cursor
        }&from=${next}`,
      );
      assert.equal(other.status, 400, "a cursor of another comparison");
      const last = await seedRevision(admin, run, null);
      const { json } = await get(`${base}/revisions/${last}/difference`);
      assert.equal(json.from_revision_id, next, "the one before");
      const same = await difference(`?from=${next}`);
      assert.deepEqual(
        [same.json.counts.n_compared, same.json.counts.rank, same.json.rows],
        [8, 0, []],
        "itself",
      );
    });

    await t.step("another run's revision, or none, is not found", async () => {
      const stranger = await seedRun(admin, mine, 2);
      const ids = [stranger.revisionId, crypto.randomUUID(), "2"];
      for (const id of ids) {
        for (
          const path of [
            `/revisions/${id}`,
            `/revisions/${id}/difference`,
            ...id === "2" ? [] : [
              `/samples?revision=${id}`,
              `/classes?revision=${id}`,
              `/columns?revision=${id}`,
              `/revisions/${next}/difference?from=${id}`,
            ],
          ]
        ) {
          const { status } = await get(base + path);
          assert.equal(status, 404, path);
        }
      }
      const unpublished = crypto.randomUUID();
      await admin`
        insert into assay.revisions (id, project_id, run_id, job_id) values (${unpublished}, ${mine}, ${run.runId}, ${run.jobId})`;
      const hidden = await get(`${base}/samples?revision=${unpublished}`);
      assert.equal(hidden.status, 404);
    });

    await t.step(
      "GET /thresholds lists what a run may be scored by",
      async () => {
        const { json } = await get("/thresholds", "ingestKey");
        const { default: byDefault, min, max } =
          json.mislabeled.min_probability;
        assert.deepEqual([byDefault, min, max], [0.2, 0, 1]);
      },
    );
  },
);
