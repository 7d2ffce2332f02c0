// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { createWorld } from "./personas.ts";

const N = 20_000;

for (const engine of testEngines()) {
  Deno.test(`a page of a list is read by its index on ${engine.name}`, async (t) => {
    const world = await createWorld(engine);
    try {
      const { admin, mine, runId, datasetId, jobId } = world;
      await admin`
        insert into assay.samples (project_id, dataset_id, sample_id, content_hash)
        select ${mine}, ${datasetId}, 'p' || i, sha256(i::text::bytea) from generate_series(1, ${N}) i`;
      const ids = [crypto.randomUUID(), crypto.randomUUID()];
      for (const [i, id] of ids.entries()) {
        await admin`
          insert into assay.revisions (id, project_id, run_id, job_id, number, published_at)
          values (${id}, ${mine}, ${runId}, ${jobId}, ${10 + i}, now())`;
        await admin`
          insert into assay.sample_results (revision_id, project_id, sample_key, split, rank, issue_type)
          select ${id}, ${mine}, s.id, 'training', 1 + (row_number() over (order by s.id) + ${i}) % ${N}, 'clean'
          from assay.samples s where s.dataset_id = ${datasetId} and s.sample_id like 'p%'`;
      }
      await admin`update assay.runs set published_revision_id = ${ids[
        1
      ]!} where id = ${runId}`;
      await admin`analyze assay.samples, assay.sample_results`;
      const [from, to] = ids;
      const ranks = Array.from({ length: 51 }, (_, i) => 1 + i * 300);
      const pages = {
        ranked_samples:
          `run_id = '${runId}' and revision_id = '${to}' order by rank`,
        revision_samples:
          `run_id = '${runId}' and revision_id = '${from}' order by rank`,
        revision_changes:
          `from_revision_id = '${from}' and to_revision_id = '${to}' order by rank_after`,
        "revision_changes, by ranks":
          `from_revision_id = '${from}' and to_revision_id = '${to}'
          and rank_after = any ('{${ranks}}'::int[]) and true`,
      };
      for (const [name, rest] of Object.entries(pages)) {
        await t.step(name, async () => {
          const view = name.split(",")[0];
          const rows = await world.as(
            "viewer",
            "authenticated",
            (sql) =>
              sql.unsafe(
                `explain select * from assay.${view} where ${rest} limit 51`,
              ),
          );
          const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
          assert.match(plan, /sample_results_revision_id_rank_idx/, plan);
          assert.doesNotMatch(plan, /Sort Key/, plan);
        });
      }
    } finally {
      await world.drop();
    }
  });
}
