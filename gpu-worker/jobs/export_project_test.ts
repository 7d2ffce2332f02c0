import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { testEngines } from "@testing/postgres.ts";
import { tableFromIPC } from "@uwdata/flechette";
import tar from "tar-stream";
import { createSweeper } from "../store/sweeper.ts";
import { Archive } from "./archive.ts";
import { type Part, World } from "./testing/world.ts";

const N = 30;
const LONG = "ä".repeat(3000);
const textOf = (i: number) =>
  i % 3 === 0 ? `${LONG} number ${i}` : `short ${i}`;
const training = (): Part[] => [
  {
    kind: "samples",
    rows: Array.from({ length: N }, (_, i) => ({
      id: `s${i}`,
      label: i === 3 ? "spam" : i % 2 === 0 ? "spam" : "ham",
      text: textOf(i),
      folder: i % 4,
    })),
  },
  {
    kind: "outputs",
    rows: Array.from({ length: N }, (_, i) => ({
      id: `s${i}`,
      logits: i % 2 === 0 ? [-2, 2] : [2, -2],
      embedding: [i % 2, i / 100],
    })),
  },
  { kind: "outputs", rows: [{ id: "stranger", logits: [1, 2] }], epoch: 1 },
];

/** Files of a `.tar.gz`, by name. */
async function unpack(
  pieces: readonly Uint8Array<ArrayBuffer>[],
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const extract = tar.extract();
  const bytes = new Blob([...pieces]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  (async () => {
    for await (const chunk of bytes) extract.write(chunk);
    extract.end(undefined);
  })();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const entry of extract) {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of entry) chunks.push(chunk as never);
    files.set(entry.header.name, await new Blob(chunks).bytes());
  }
  return files;
}

// deno-lint-ignore no-explicit-any -- rows of many shapes
const rowsOf = (bytes: Uint8Array): any[] =>
  new TextDecoder().decode(bytes).split("\n").filter(Boolean).map((line) =>
    JSON.parse(line)
  );

async function exported(world: World, request: object) {
  const [row] = await world.admin`
    select * from assay.enqueue_export(${world.projectId}, 'export', ${
    world.admin.json(request as never)
  })`;
  const taskId: string = row!.task_id;
  assert.equal((await world.deliver(taskId)).outcome, "done");
  const [task] = await world
    .admin`select result from assay.tasks where id = ${taskId}`;
  const pieces = task!.result.paths.map((path: string) =>
    world.files.get(path)!.bytes
  );
  return { result: task!.result, pieces, files: await unpack(pieces) };
}

for (const engine of testEngines()) {
  Deno.test(`export_project on ${engine.name}`, async () => {
    const world = await World.create(engine);
    try {
      const { runId, rows } = await world.score(training());
      await world.log(training()); // not scored
      await world.admin`
        insert into assay.verdicts (dataset_id, sample_id, verdict, label, comment)
        values (${world.datasetId}, 's3', 'relabel', 'ham', 'plainly')`;
      await world.admin`
        with drawn as (
          insert into assay.audits (project_id, run_id, revision_id, n_asked, seed, n_reviewed, n_confirmed, bins, strata)
          select r.project_id, r.id, r.published_revision_id, 1, 0, 0, 0, '[{"bin": 9, "n": 1}]', '[]'
          from assay.runs r where r.id = ${runId} returning id, project_id)
        insert into assay.audit_samples (audit_id, project_id, position, sample_key, split, given_label, bin)
        select d.id, d.project_id, 0, s.id, 'training', 1, 9
        from drawn d, assay.samples s where s.dataset_id = ${world.datasetId} and s.sample_id = 's4'`;
      const modelPath = `${world.projectId}/models/m/0.onnx`;
      await world.objects.upload(modelPath, Uint8Array.of(7, 8), "x");
      await world.admin`
        insert into assay.models (id, project_id, name, input_kind, class_names, outputs, request_digest, state, size_bytes, sha256, storage_path)
        values (${crypto.randomUUID()}, ${world.projectId}, 'forest', 'features', ${[
        "ham",
        "spam",
      ]}, '{}', ${new Uint8Array(32)}, 'ready', 2, ${new Uint8Array(
        32,
      )}, ${modelPath})`;
      const { files, result, pieces } = await exported(world, {
        include_parts: true,
      });
      const file = (name: string) => files.get(name)!;

      const manifest = JSON.parse(
        new TextDecoder().decode(file("manifest.json")),
      );
      assert.equal([...files.keys()].at(-1), "manifest.json");
      assert.deepEqual(
        manifest.files.map((f: { name: string }) => f.name),
        [...files.keys()].filter((name) => name !== "manifest.json"),
      );
      for (const { name, sha256, size_bytes: size } of manifest.files) {
        assert.equal(file(name).length, size, name);
        const hash = createHash("sha256").update(file(name)).digest("hex");
        assert.equal(hash, sha256, name);
      }
      const whole = await new Blob(pieces).bytes();
      assert.equal(
        createHash("sha256").update(whole).digest("hex"),
        result.sha256,
      );
      assert.equal(whole.length, result.size_bytes);

      const samples = rowsOf(file("samples/00000.ndjson"));
      assert.equal(samples.length, N);
      for (const { sample_id: id, text, metadata } of samples) {
        const i = Number(id.slice(1));
        assert.equal(text, textOf(i));
        assert.equal(metadata.folder, i % 4);
      }
      const runs = rowsOf(file("runs.ndjson"));
      assert.deepEqual(runs.map((run) => run.revision_number), [1, null]);
      const idOf = new Map(samples.map((s) => [s.sample_key, s.sample_id]));
      const table = tableFromIPC(file(`results/${runId}/samples.arrow`));
      const labels = runs[0].label_names;
      const results = table.toArray() as Record<string, unknown>[];
      assert.deepEqual(
        results.map((r) => ({
          sample_id: idOf.get(Number(r.sample_key)),
          rank: r.rank,
          given: labels[r.given_label as number],
          suggested: labels[r.suggested_label as number] ?? null,
          issues: [...r.issue_types as string[]],
          reason: r.reason,
          score: r.mislabeled_score,
        })),
        rows.map((r) => ({
          sample_id: r.sample_id,
          rank: r.rank,
          given: r.given_label,
          suggested: r.suggested_label,
          issues: r.issue_types,
          reason: r.reason,
          score: Math.fround(r.mislabeled_score as number),
        })),
      );
      const version = rowsOf(file("dataset_versions.ndjson"))[0];
      const given = tableFromIPC(
        file(`labels/${version.dataset_version_id}.arrow`),
      );
      assert.equal(given.numRows, N);
      const [verdict] = rowsOf(file("verdicts.ndjson"));
      assert.deepEqual(
        [verdict.sample_id, verdict.label, verdict.comment],
        ["s3", "ham", "plainly"],
      );
      const [audit] = rowsOf(file("audits.ndjson"));
      assert.deepEqual([audit.run_id, audit.bins], [runId, [
        { bin: 9, n: 1 },
      ]]);
      assert.equal(idOf.get(audit.samples[0].sample_key), "s4");
      const [problem] = rowsOf(file(`results/${runId}/problems.ndjson`));
      assert.match(problem.message, /stranger/);
      const issues = rowsOf(file(`results/${runId}/issues.ndjson`));
      assert.ok(issues.some((issue) => idOf.get(issue.sample_key) === "s3"));
      const parts = rowsOf(file("parts.ndjson"));
      assert.equal(parts.length, 6);
      for (const { run_id: run, part_id: part, sha256 } of parts) {
        const bytes = file(`parts/${run}/${part}`);
        assert.equal(createHash("sha256").update(bytes).digest("hex"), sha256);
      }

      const [model] = rowsOf(file("models.ndjson"));
      assert.deepEqual([model.name, model.class_names], ["forest", [
        "ham",
        "spam",
      ]]);
      assert.deepEqual(
        file(`models/${model.model_id}.onnx`),
        Uint8Array.of(7, 8),
      );

      const without = await exported(world, { include_parts: false });
      assert.ok(!without.files.has("parts.ndjson"));
      assert.ok(without.files.has("models.ndjson"));
      assert.ok(!without.files.has(`models/${model.model_id}.onnx`));
      await sweptAfterAWeek(world, result.paths);
    } finally {
      await world.drop();
    }
  });
}

async function sweptAfterAWeek(world: World, paths: readonly string[]) {
  const sweeper = createSweeper(
    world.worker,
    world.objects,
    () => {},
    Date.now,
  );
  const folder = `${world.projectId}/exports`;
  world.files.set(`${folder}/${crypto.randomUUID()}-1/export.tar.gz`, {
    bytes: new Uint8Array(1),
    createdAt: new Date(),
  });
  const left = () =>
    [...world.files.keys()].filter((path) => path.startsWith(folder));
  await sweeper.sweepObjects();
  assert.equal(left().length, 2, "of ended attempts nothing stays");
  await world.admin`
    update assay.jobs j set finished_at = now() - interval '8 days' from assay.tasks t
    where t.job_id = j.id and t.result -> 'paths' ->> 0 = ${paths[0]!}`;
  await sweeper.sweepObjects();
  assert.equal(left().length, 1);
  assert.ok(!left().includes(paths[0]!));
}

Deno.test("Archive cuts what it writes into objects, and says what Storage says", async () => {
  const written = new Map<string, Uint8Array<ArrayBuffer>>();
  let isDown = false;
  const objects = {
    upload: (path: string, bytes: Uint8Array<ArrayBuffer>) => {
      if (isDown) return Promise.reject(new Error("no Storage"));
      written.set(path, bytes);
      return Promise.resolve();
    },
  } as never;
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const archive = new Archive(objects, "a/file.tar.gz", 50_000);
  const names = ["first", "ü".repeat(120), "third"];
  for (const name of names) await archive.add(name, noise);
  const { paths, sizeBytes } = await archive.finish();
  assert.equal(paths[1], "a/file.tar.gz.1");
  assert.ok(paths.length >= 3);
  const pieces = paths.map((path) => written.get(path)!);
  assert.equal(pieces.reduce((n, p) => n + p.length, 0), sizeBytes);
  const files = await unpack(pieces);
  assert.deepEqual([...files.keys()], names);
  for (const bytes of files.values()) assert.deepEqual(bytes, noise);

  isDown = true;
  const broken = new Archive(objects, "b", 10);
  await assert.rejects(async () => {
    for (let i = 0; i < 100; i++) await broken.add(`${i}`, noise);
    await broken.finish();
  }, /no Storage/);
});
