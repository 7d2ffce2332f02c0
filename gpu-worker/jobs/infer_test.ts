import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { encodeGraph } from "../graphs/onnx.ts";
import { createSweeper } from "../store/sweeper.ts";
import {
  LINEAR,
  logged,
  rescore,
  samples,
  store,
} from "./testing/stored_models.ts";
import { World } from "./testing/world.ts";

for (const engine of testEngines()) {
  Deno.test(`rescore_run by a stored model on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await equal(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function equal(t: Deno.TestContext, world: World) {
  const { runId, rows } = await world.score([samples()]);
  const modelId = await store(world, encodeGraph(LINEAR));

  await t.step("scores as if a training had logged what it says", async () => {
    const { stages } = await rescore(world, runId, { model_id: modelId });
    assert.deepEqual(stages, ["prepare", "infer", "score"]);
    const known = await world.score([
      samples(),
      { kind: "outputs", rows: logged(["logits", "embedding"]) },
    ]);
    assert.notDeepEqual(known.rows, rows);
    assert.deepEqual(await world.review(runId), known.rows);
    const { summary, problems } = await world.summary(runId);
    assert.equal(
      summary.notes[0],
      'Scored by the stored model "m", which was run over the samples again',
    );
    const { notes: _, ...found } = summary;
    const { notes: __, ...expected } = known.summary;
    assert.deepEqual(found, expected);
    assert.deepEqual(problems, []);
  });

  await t.step("does not run the same model twice", async () => {
    const by = await world.review(runId);
    const again = await rescore(world, runId, { model_id: modelId });
    assert.deepEqual(again.stages, ["prepare", "score"]);
    assert.deepEqual(await world.review(runId), by);
    const { summary } = await world.summary(runId);
    assert.match(summary.notes[0], /^Scored by the stored model/);
  });

  await t.step("keeps what the model said where none is named", async () => {
    const by = await world.review(runId);
    const kept = await rescore(world, runId, {});
    assert.deepEqual(kept.stages, ["prepare", "score"]);
    assert.deepEqual(await world.review(runId), by);
    const published = () =>
      world.admin`
      select v.id, v.kept, v.settings ->> 'model_id' as model_id
      from assay.runs r join assay.revisions v on v.id = r.published_revision_id where r.id = ${runId}`;
    const [revision] = await published();
    assert.equal(revision!.model_id, modelId);

    await world
      .admin`update assay.revisions set kept = null where id = ${revision!.id}`;
    const lost = await rescore(world, runId, {});
    assert.deepEqual([lost.stages, lost.outcome], [["prepare"], "failed"]);
    const [job] = await world.admin`
      select error from assay.jobs where run_id = ${runId} order by created_at desc limit 1`;
    assert.match(job!.error, /kept no longer; name model_id/);
    await world.admin`
      update assay.revisions set kept = ${world.admin.json(revision!.kept)}
      where id = ${revision!.id}`;
  });

  await t.step("comes back to what was logged", async () => {
    const { stages } = await rescore(world, runId, { model_id: null });
    assert.deepEqual(stages, ["prepare", "fold", "encode", "score"]);
    assert.deepEqual(await world.review(runId), rows);
  });

  await t.step("says whether the model had seen the samples", async () => {
    for (const kind of ["in_sample", "out_of_sample"]) {
      await rescore(world, runId, {
        model_id: modelId,
        prediction_kind: kind,
      });
      const known = await world.score([
        samples(),
        {
          kind: "outputs",
          rows: logged(["logits", "embedding"]),
          predictionKind: kind,
        },
      ]);
      assert.deepEqual(await world.review(runId), known.rows, kind);
    }
  });

  await t.step(
    "the sweeper keeps one copy, that of the published revision",
    async () => {
      const kept = async () => {
        const found = await world.admin`
        select v.id = r.published_revision_id as is_current, p.path
        from assay.revisions v join assay.runs r on r.id = v.run_id
        cross join lateral jsonb_each(v.kept - 'version') as k (name, paths)
        cross join lateral jsonb_array_elements_text(k.paths) as p (path)
        where v.run_id = ${runId}`;
        const of = (isCurrent: boolean) =>
          found.filter((f) => f.is_current === isCurrent).map((f) => f.path);
        return { current: of(true), others: of(false) };
      };
      const before = await kept();
      const own = new Set(before.current);
      const lost = before.others.filter((path) => !own.has(path));
      assert.ok(own.size > 0 && lost.length > 0);
      await createSweeper(world.worker, world.objects, () => {}, Date.now)
        .sweepObjects();
      assert.deepEqual(await kept(), { current: before.current, others: [] });
      assert.ok(before.current.every((path) => world.files.has(path)));
      assert.deepEqual(lost.filter((path) => world.files.has(path)), []);
      const by = await world.review(runId);
      const { stages } = await rescore(world, runId, {});
      assert.deepEqual(stages, ["prepare", "score"]);
      assert.deepEqual(await world.review(runId), by);
    },
  );

  await t.step(
    "takes classes in another order, one sample at a time, and embeddings of the run",
    async () => {
      const known = await world.score([
        samples(),
        { kind: "outputs", rows: logged(["logits", "embedding"]) },
      ]);
      const { embedding: _, ...outputs } = LINEAR.outputs;
      const swapped = encodeGraph({
        ...LINEAR,
        inputs: { x: [1, 6] },
        outputs,
        initializers: {
          w: {
            data: Float32Array.from({ length: 12 }, (_, i) => [-1, 1][i] ?? 0),
            shape: [6, 2],
          },
        },
        nodes: [LINEAR.nodes[0]!],
      });
      const id = await store(world, swapped, { class_names: ["spam", "ham"] });
      const { stages } = await rescore(world, known.runId, { model_id: id });
      assert.deepEqual(stages, ["prepare", "infer", "score"]);
      assert.deepEqual(await world.review(known.runId), known.rows);
    },
  );
}
