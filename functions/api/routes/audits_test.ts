// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { binOf } from "@shared/audit/audit_strata.ts";
import { logOddsBins } from "@shared/audit/draw_audit.ts";
import type { Audit, AuditSample } from "@shared/types/audit.ts";
import { testApp } from "../../_shared/testing/apps.ts";
import { seedRun } from "../../_shared/testing/seed.ts";
import { createApp } from "../app.ts";
import { createDeps } from "../deps.ts";

testApp(
  "api: audits",
  "/api/v1",
  (edge) => createApp(createDeps(edge)),
  async ({ t, world, ask, get }) => {
    const { admin, mine, other } = world;
    const run = await seedRun(admin, mine, 240);
    const hidden = await seedRun(admin, other, 5);
    const base = `/runs/${run.runId}`;
    const isOpen = (s: typeof run.samples[number]) =>
      s.given !== null && s.mislabeled_score !== null &&
      !["keep", "relabel", "drop"].includes(s.verdict ?? "");
    const open = run.samples.filter(isOpen);

    const draw = async (body: object): Promise<Audit> => {
      const answer = await ask("editor", "POST", `${base}/audits`, body);
      assert.equal(answer.status, 201, JSON.stringify(answer.json));
      return answer.json;
    };
    const samplesOf = async (audit: Audit, state = "all") => {
      const rows: AuditSample[] = [];
      for (let cursor: string | null = "";; cursor = `&cursor=${cursor}`) {
        const { json } = await get(
          `${base}/audits/${audit.audit_id}/samples?limit=20&state=${state}${cursor}`,
        );
        rows.push(...json.rows);
        cursor = json.next_cursor;
        if (cursor === null) return rows;
      }
    };
    /** What somebody thinks who finds every fourth label wrong. */
    const judge = async (samples: readonly AuditSample[]) => {
      const verdicts = samples.map(({ sample_id, split, given_label }, i) => ({
        verdict_id: crypto.randomUUID(),
        sample_id,
        split,
        verdict: i % 4 === 3 ? "relabel" : "keep",
        label: i % 4 === 3
          ? run.labels.find((label) => label !== given_label)
          : null,
      }));
      const answer = await ask("editor", "PUT", `${base}/verdicts`, {
        verdicts,
      });
      assert.equal(answer.status, 200, JSON.stringify(answer.json));
    };

    const judgeAs = async (rows: readonly AuditSample[], verdict: string) => {
      const answer = await ask("editor", "PUT", `${base}/verdicts`, {
        verdicts: rows.map(({ sample_id, split }) => ({
          verdict_id: crypto.randomUUID(),
          sample_id,
          split,
          verdict,
        })),
      });
      assert.equal(answer.status, 200, JSON.stringify(answer.json));
    };

    await t.step(
      "POST audits draws from what is labelled, scored and not judged, once",
      async () => {
        const audit = await draw({ n_samples: 40 });
        assert.deepEqual(
          [audit.n_samples, audit.n_judged, audit.n_remaining, audit.n_needed],
          [40, 0, 40, 30],
        );
        assert.equal(audit.answer, null);
        assert.deepEqual(await draw({ n_samples: 40 }), audit);
        const rows = await samplesOf(audit);
        assert.deepEqual(rows.map((row) => row.position), [
          ...Array(40).keys(),
        ]);
        const ids = new Set(rows.map((row) => `${row.split} ${row.sample_id}`));
        assert.equal(ids.size, 40);
        for (const row of rows) {
          const seeded = run.samples.find((s) =>
            s.sample_id === row.sample_id && s.split === row.split
          )!;
          assert.ok(isOpen(seeded), row.sample_id);
          assert.equal(row.given_label, run.labels[seeded.given!]);
          assert.deepEqual(Object.keys(row).sort(), [
            "given_label",
            "metadata",
            "position",
            "sample_id",
            "split",
            "text_preview",
            "verdict",
            "verdict_label",
          ]);
        }
        const others = await samplesOf(await draw({ n_samples: 40, seed: 3 }));
        assert.notDeepEqual(
          others.map((row) => row.sample_id).sort(),
          rows.map((row) => row.sample_id).sort(),
        );
      },
    );

    await t.step(
      "an audit's bins and strata are those of its run",
      async () => {
        const audit = await draw({ n_samples: 40 });
        const [row] = await admin`
        select bins, strata, n_reviewed, n_confirmed from assay.audits where id = ${audit.audit_id}`;
        const logOdds = open.map(({ mislabeled_score: p }) =>
          Math.log(p! / (1 - p!))
        );
        assert.deepEqual(row!.bins, logOddsBins(logOdds));
        for (const { from, to, nSamples, nDrawn } of row!.strata) {
          const inside = (z: number) => binOf(z) >= from && binOf(z) <= to;
          assert.equal(logOdds.filter(inside).length, nSamples);
          const [drawn] = await admin`
          select count(*)::int as n from assay.audit_samples
          where audit_id = ${audit.audit_id} and bin between ${from} and ${to}`;
          assert.equal(drawn!.n, nDrawn);
        }
        const known = run.samples.filter((s) =>
          s.given !== null && ["keep", "relabel"].includes(s.verdict ?? "")
        );
        assert.equal(row!.n_reviewed, known.length);
        // seeded relabels say "spam"
        const wrong = known.filter((s) =>
          s.verdict === "relabel" && run.labels[s.given!] !== "spam"
        );
        assert.equal(row!.n_confirmed, wrong.length);
      },
    );

    await t.step(
      "verdicts bring an audit to its answer, and what remains is in an order that says nothing",
      async () => {
        const audit = await draw({ n_samples: 60, seed: 9 });
        const rows = await samplesOf(audit);
        await judge(rows.slice(0, 29));
        const path = `${base}/audits/${audit.audit_id}`;
        let { json } = await get(path);
        assert.deepEqual(
          [json.n_judged, json.n_remaining, json.n_needed, json.answer],
          [29, 31, 1, null],
        );
        assert.deepEqual(
          (await samplesOf(audit, "remaining")).map((row) => row.position),
          rows.slice(29).map((row) => row.position),
        );
        await judge(rows.slice(29));
        ({ json } = await get(path));
        assert.deepEqual([json.n_judged, json.n_remaining, json.n_needed], [
          60,
          0,
          0,
        ]);
        const { n_labels, n_errors, rate, n_confirmed } = json.answer;
        assert.ok(
          n_errors.low < n_errors.mean && n_errors.mean < n_errors.high,
        );
        assert.ok(Math.abs(rate.mean * n_labels - n_errors.mean) < 1e-9);
        assert.ok(n_confirmed >= 14 && n_confirmed <= n_errors.low + 1);
        assert.ok(n_errors.high <= n_labels);
        assert.deepEqual((await get(path)).json, json);
      },
    );

    await t.step(
      "a sample that is dropped is left out; one that is taken back remains",
      async () => {
        const audit = await draw({ n_samples: 50, seed: 11 });
        const rows = await samplesOf(audit, "remaining");
        const before = (await get(`${base}/audits/${audit.audit_id}`)).json;
        await judgeAs([rows[0]!], "drop");
        await judgeAs([rows[1]!], "keep");
        await judgeAs([rows[1]!], "clear");
        await judgeAs([rows[2]!], "needs_review");
        const { json } = await get(`${base}/audits/${audit.audit_id}`);
        assert.equal(json.n_left_out, before.n_left_out + 1);
        assert.equal(json.n_judged, before.n_judged);
        assert.equal(json.n_remaining, before.n_remaining - 1);
      },
    );

    await t.step(
      "keep holds for the label it was said about, also where another run gives another one",
      async () => {
        const audit = await draw({ n_samples: 30, seed: 21 });
        const rows = await samplesOf(audit, "remaining");
        const [id, version] = [crypto.randomUUID(), crypto.randomUUID()];
        const hash = new Uint8Array(32).fill(5);
        const labels = [...run.labels];
        await admin`
          insert into assay.dataset_versions (id, project_id, dataset_id, digest, label_names, n_samples)
          values (${version}, ${mine}, ${run.datasetId}, ${hash}, ${labels}, 1)`;
        await admin`
          insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest, dataset_version_id)
          values (${id}, ${mine}, ${run.datasetId}, 'later', 1, 'classification', ${labels}, ${hash}, ${version})`;
        const row = rows[0]!;
        const other = (labels.indexOf(row.given_label) + 1) % labels.length;
        const [sample] = await admin`
          select s.id, s.sample_id, s.content_hash from assay.audit_samples d join assay.samples s on s.id = d.sample_key
          where d.audit_id = ${audit.audit_id} and d.position = ${row.position}`;
        await admin`
          insert into assay.dataset_version_samples (dataset_version_id, project_id, split, sample_key, given_label)
          values (${version}, ${mine}, 'training', ${sample!.id}, ${other})`;
        const confirmed = async () =>
          (await get(`${base}/audits/${audit.audit_id}`)).json.answer
            .n_confirmed;
        await judgeAs(rows, "keep");
        const before = await confirmed();
        await admin`
          insert into assay.verdicts (dataset_id, sample_id, content_hash, verdict, run_id)
          values (${run.datasetId}, ${sample!.sample_id}, ${
          sample!.content_hash
        }, 'keep', ${id})`;
        assert.equal(await confirmed(), before + 1);
      },
    );

    await t.step("a few looks give no number", async () => {
      for (const [n, nDrawn] of [[90, 10], [8, null]] as const) {
        const { runId } = await seedRun(admin, mine, n, 33);
        const own = `/runs/${runId}`;
        const body = { n_samples: 10 };
        const made = await ask("editor", "POST", `${own}/audits`, body);
        assert.equal(made.status, 201);
        const drawn = made.json.n_samples;
        assert.ok(nDrawn === null ? drawn > 0 && drawn < 10 : drawn === nDrawn);
        assert.deepEqual([made.json.n_needed, made.json.answer], [drawn, null]);
        const path = `${own}/audits/${made.json.audit_id}`;
        const { rows } = (await get(`${path}/samples?state=all`)).json;
        const say = async (samples: AuditSample[], verdict: string) => {
          const verdicts = samples.map(({ sample_id, split }) => ({
            verdict_id: crypto.randomUUID(),
            sample_id,
            split,
            verdict,
          }));
          const answer = await ask("editor", "PUT", `${own}/verdicts`, {
            verdicts,
          });
          assert.equal(answer.status, 200, JSON.stringify(answer.json));
          return (await get(path)).json;
        };
        const none = await say(rows, "drop");
        assert.deepEqual([none.n_remaining, none.answer], [0, null]);
        assert.equal(none.n_needed, nDrawn ?? 0);
        const one = await say(rows.slice(1), "keep");
        assert.equal(one.n_judged, drawn - 1);
        assert.equal(one.n_needed, nDrawn === null ? 0 : 1);
        assert.equal(one.answer === null, nDrawn !== null);
        assert.notEqual((await say(rows, "keep")).answer, null);
      }
    });

    await t.step("an audit of more than there is draws all", async () => {
      const audit = await draw({ n_samples: 2000 });
      const { json } = await get(`${base}/samples?limit=500`);
      const left = json.rows.filter((row: Record<string, unknown>) =>
        row.given_label !== null && row.mislabeled_score !== null &&
        !["keep", "relabel", "drop"].includes(String(row.verdict))
      );
      assert.equal(audit.n_samples, left.length);
    });

    await t.step("GET audits lists them, newest first, in pages", async () => {
      const { json } = await get(`${base}/audits?limit=2`);
      assert.equal(json.rows.length, 2);
      const next = await get(
        `${base}/audits?limit=500&cursor=${json.next_cursor}`,
      );
      const all = [...json.rows, ...next.json.rows];
      assert.equal(all.length, 6);
      const known = await get(`${base}/audits/${all[1].audit_id}`);
      const { answer: _, ...progress } = known.json;
      assert.deepEqual(all[1], progress);
      const times = all.map((a) => a.created_at);
      assert.deepEqual(times, [...times].sort().reverse());
    });

    await t.step("what is no audit of the run is not found", async () => {
      const audit = await draw({ n_samples: 40 });
      const second = await seedRun(admin, mine, 3, 2);
      for (
        const path of [
          `${base}/audits/none`,
          `${base}/audits/${crypto.randomUUID()}`,
          `${base}/audits/none/samples`,
          `/runs/${second.runId}/audits/${audit.audit_id}`,
          `/runs/${second.runId}/audits/${audit.audit_id}/samples`,
          `/runs/${hidden.runId}/audits`,
        ]
      ) {
        assert.equal((await get(path)).status, 404, path);
      }
    });

    await t.step("a run without scores has no audit to draw", async () => {
      const [fresh] = [crypto.randomUUID()];
      await admin`
        insert into assay.runs (id, project_id, dataset_id, name, attempt, task_type, label_names, request_digest)
        values (${fresh}, ${mine}, ${run.datasetId}, 'fresh', 1, 'classification', ${[
        "a",
      ]}, ${new Uint8Array(32)})`;
      const answer = await ask("editor", "POST", `/runs/${fresh}/audits`, {});
      assert.deepEqual([answer.status, answer.json.error.code], [
        409,
        "conflict",
      ]);
    });

    await t.step("audits of a deleted run are gone", async () => {
      const gone = await seedRun(admin, mine, 20, 4);
      const made = await ask(
        "editor",
        "POST",
        `/runs/${gone.runId}/audits`,
        {},
      );
      assert.equal(made.status, 201);
      await ask("editor", "DELETE", `/runs/${gone.runId}`);
      const { audit_id } = made.json;
      const answer = await get(`/runs/${gone.runId}/audits/${audit_id}`);
      assert.equal(answer.status, 404);
    });
  },
);
