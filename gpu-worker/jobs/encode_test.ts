import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import { decodeViews, type RunViews } from "../codecs/views_file.ts";
import { withTinyEncoder } from "../encoders/testing/tiny_encoder.ts";
import { createSweeper } from "../store/sweeper.ts";
import { SHARES } from "./stages.ts";
import {
  featuresOf,
  imageOf,
  MADE,
  textOf,
  withTexts,
  WRONG_IDS,
} from "./testing/contents.ts";
import { type Part, type Scored, steal, World } from "./testing/world.ts";

/** Outputs of three epochs that learn the given labels, the wrong ones too. */
function outputs(): Part[] {
  return [0, 1, 2].map((epoch) => ({
    kind: "outputs",
    epoch,
    rows: MADE.map(({ id, label }, i) => {
      const margin = (label === "ham" ? 1 : -1) * (epoch - 0.2 + (i % 5) / 5);
      return { id, logits: [margin, -margin] };
    }),
  }));
}

async function imageRows(): Promise<Record<string, unknown>[]> {
  return await Promise.all(MADE.map(async (made, i) => ({
    id: made.id,
    label: made.label,
    image: `data:image/png;base64,${(await imageOf(made, i)).toBase64()}`,
  })));
}

/** A world whose encoders may take their time. */
interface Scene {
  readonly world: World;
  /** A quick sentence encoder. */
  readonly textEncoder: string;
}

/** Runs a job to its end; also says what its stage `encode` left. */
async function scored(
  { world, textEncoder }: Scene,
  rows: object[],
  { withOutputs = true, encodeBudgetMs = 1e6 } = {},
): Promise<Scored & { views: RunViews; nEncoded: number }> {
  const handler = world.handler({
    encoders: { textEncoder, encodeBudgetMs },
  });
  const { runId, taskId } = await world.log([
    { kind: "samples", rows },
    ...withOutputs ? outputs() : [],
  ]);
  let task: string | undefined = taskId;
  while (task !== undefined) task = await world.next(task, handler);
  const [row] = await world.admin`
    select t.result from assay.tasks t join assay.jobs j on j.id = t.job_id
    where j.run_id = ${runId} and t.stage = 'encode'`;
  const { views_paths: [path], n_encoded: nEncoded } = row!.result;
  return {
    runId,
    rows: await world.review(runId),
    ...await world.summary(runId),
    views: decodeViews(await world.objects.download(path)),
    nEncoded,
  };
}

async function encodingsOf(
  { admin }: World,
  runId: string,
): Promise<string[]> {
  const rows = await admin`
    select path from assay.encodings where run_id = ${runId} order by path`;
  return rows.map(({ path }) => path);
}

const ENGINES = testEngines();

for (const engine of ENGINES) {
  Deno.test(`stage encode on ${engine.name}`, async (t) => {
    await withTinyEncoder(async (textEncoder) => {
      const world = await World.create(engine);
      try {
        if (engine === ENGINES[0]) await looking(t, { world, textEncoder });
        await keeping(t, { world, textEncoder });
        await forgetting(t, { world, textEncoder });
      } finally {
        await world.drop();
      }
    });
  });
}

async function looking(t: Deno.TestContext, scene: Scene) {
  await t.step("a run with outputs is looked at too", async () => {
    const alone = await scene.world.score([
      {
        kind: "samples",
        rows: MADE.map(({ id, label }) => ({ id, label })),
      },
      ...outputs(),
    ]);
    const { rows, summary, views } = await scored(scene, withTexts());
    assert.deepEqual(views.views.map((v) => v.name), ["tfidf", "sentence"]);
    assert.equal(summary.n_epochs, 3);
    const first = (list: typeof rows) =>
      list.slice(0, WRONG_IDS.length).map((r) => r.sample_id).sort();
    assert.deepEqual(first(rows), WRONG_IDS);
    assert.notDeepEqual(first(alone.rows), WRONG_IDS, "outputs alone cannot");
  });

  await t.step("progress only grows, each stage in its share", async () => {
    const { world, textEncoder } = scene;
    const { taskId } = await world.log([
      { kind: "samples", rows: withTexts() },
      ...outputs(),
    ]);
    const encoders = { textEncoder, encodeBudgetMs: 1e6 };
    const handler = world.handler({ encoders });
    let task = taskId;
    for (const [start, end] of Object.values(SHARES.withBoth)) {
      const fractions: number[] = [];
      task = await world.next(
        task,
        (lease, report, signal) =>
          handler(lease, (fraction) => {
            fractions.push(fraction);
            report(fraction);
          }, signal),
      );
      assert.ok(fractions.length > 1);
      assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
      assert.ok(fractions[0]! >= start && fractions.at(-1)! <= end + 1e-9);
    }
    assert.equal(task, undefined);
  });

  await t.step("table rows give their columns", async () => {
    const rows = MADE.map((made, i) => ({
      id: made.id,
      label: made.label,
      features: featuresOf(made, i),
    }));
    const { views, nEncoded } = await scored(scene, rows);
    assert.deepEqual(views.views.map((v) => v.name), ["columns"]);
    assert.equal(nEncoded, 0);
  });

  await t.step("images are encoded, measured and hashed", async () => {
    const { views } = await scored(scene, await imageRows());
    assert.deepEqual(views.views.map((v) => v.name), ["image"]);
    assert.ok(views.facts!.image_width!.every((width) => width === 48));
    assert.equal(views.imageHashes!.length, 2 * MADE.length);
    assert.deepEqual(views.notes, []);
  });

  await t.step(
    "images above the budget are skipped, in words, and the run is scored",
    async () => {
      const encodeBudgetMs = 2.1 * MADE.length / 15; // enough to decode them
      const rows = await imageRows();
      const { views, summary } = await scored(scene, rows, { encodeBudgetMs });
      assert.deepEqual(views.views, []);
      assert.ok(views.facts!.image_contrast!.every((x) => x > 0));
      assert.match(summary.notes[0], /^Images were measured, but not encoded/);
      const none = await scored(scene, rows, { encodeBudgetMs: 0.1 });
      assert.equal(none.views.facts, undefined);
      assert.match(none.summary.notes[0], /^Images were not looked at/);
      const [job] = await scene.world.admin`
        select state from assay.jobs where run_id = ${none.runId}`;
      assert.equal(job!.state, "succeeded");
    },
  );

  await t.step("texts above the budget are skipped, in words", async () => {
    const { views, summary } = await scored(scene, withTexts(), {
      encodeBudgetMs: 1,
    });
    assert.deepEqual(views.views, []);
    assert.match(summary.notes[0], /^Texts were not looked at/);
  });

  await t.step(
    "images above the budget are encoded where there is nothing else to score by",
    async () => {
      const { views } = await scored(scene, await imageRows(), {
        encodeBudgetMs: 1,
        withOutputs: false,
      });
      assert.deepEqual(views.views.map((v) => v.name), ["image"]);
    },
  );

  await t.step("no URI is followed where there are outputs", async () => {
    const rows = MADE.map(({ id, label }) => ({
      id,
      label,
      image: "https://host.example/a.png",
    }));
    const { summary, problems, views } = await scored(scene, rows);
    assert.deepEqual(problems, []);
    assert.deepEqual(views.views, []);
    assert.deepEqual(summary.notes.slice(0, 1), [
      `Images logged by their URI, which are not fetched for a run with outputs: ${MADE.length}. Logged as bytes they would count`,
    ]);
  });

  await t.step("blank texts leave the model alone, in words", async () => {
    const rows = MADE.map(({ id, label }) => ({ id, label, text: " " }));
    const { summary } = await scored(scene, rows);
    assert.match(summary.notes[0], /^Labels were judged by the model alone/);
  });
}

async function keeping(t: Deno.TestContext, { world, textEncoder }: Scene) {
  // contents of their own: what other steps have encoded is known
  const textsOf = (name: string, n = MADE.length) =>
    MADE.slice(0, n).map((made, i) => ({
      id: made.id,
      label: made.label,
      text: `${textOf(made, i)} ${name}`,
    }));
  const scene = { world, textEncoder };

  await t.step(
    "a second run on the same data encodes nothing, and gives the same bits",
    async () => {
      for (const rows of [textsOf("twice"), await imageRows()]) {
        const once = await scored(scene, rows);
        const again = await scored(scene, rows);
        assert.equal(again.nEncoded, 0);
        assert.deepEqual(again.views, once.views);
        assert.deepEqual(again.rows, once.rows);
        assert.deepEqual(again.summary, once.summary);
        assert.deepEqual(await encodingsOf(world, again.runId), []);
      }
    },
  );

  await t.step("images that are known are not even read", async () => {
    const rows = await imageRows();
    await scored(scene, rows);
    const { runId, taskId } = await world.log([
      { kind: "samples", rows: rows.slice(0, 60), seq: 0 },
      { kind: "samples", rows: rows.slice(60), seq: 1 },
      ...outputs(),
    ]);
    const encoders = { textEncoder, encodeBudgetMs: 1e6 };
    const task = await world.next(taskId, world.handler({ encoders }));
    const read: string[] = [];
    await world.next(
      task,
      world.handler({
        encoders,
        objects: {
          ...world.objects,
          download(path) {
            read.push(path.includes("/parts/") ? "part" : "file");
            return world.objects.download(path);
          },
        },
      }),
    );
    assert.ok(!read.includes("part"), runId);
  });

  await t.step("what is new is encoded alone", async () => {
    const some = await scored(scene, textsOf("grows", 50));
    assert.equal(some.nEncoded, 50);
    assert.equal((await scored(scene, textsOf("grows"))).nEncoded, 30);
    assert.equal((await scored(scene, textsOf("grows"))).nEncoded, 0);
  });

  await t.step("another encoder encodes anew", async () => {
    const rows = textsOf("other");
    await scored(scene, rows);
    const model = await Deno.readFile(textEncoder);
    const other = textEncoder.replace("tiny", "other");
    await Deno.writeFile(other, model);
    await Deno.copyFile(
      textEncoder.replace(".onnx", ".vocab.json"),
      other.replace(".onnx", ".vocab.json"),
    );
    const same = { world, textEncoder: other };
    assert.equal((await scored(same, rows)).nEncoded, 0);
    const vocabulary = other.replace(".onnx", ".vocab.json");
    const pieces = JSON.parse(await Deno.readTextFile(vocabulary));
    pieces[2][1] -= 0.5;
    await Deno.writeTextFile(vocabulary, JSON.stringify(pieces));
    assert.equal((await scored(same, rows)).nEncoded, MADE.length);
  });

  await t.step("a file that is gone or damaged is made anew", async () => {
    const rows = textsOf("damaged");
    const { runId, rows: ranking } = await scored(scene, rows);
    const [path] = await encodingsOf(world, runId);
    const file = world.files.get(path!)!;
    const bytes = file.bytes.slice();
    bytes[bytes.length - 3]! ^= 1;
    world.files.set(path!, { ...file, bytes });
    const again = await scored(scene, rows);
    assert.equal(again.nEncoded, MADE.length);
    assert.deepEqual(again.rows, ranking);
    for (const { runId: id } of [{ runId }, again]) {
      for (const lost of await encodingsOf(world, id)) world.files.delete(lost);
    }
    assert.equal((await scored(scene, rows)).nEncoded, MADE.length);
  });

  await t.step("two runs at once leave the same", async () => {
    const rows = textsOf("at once");
    const [a, b] = await Promise.all([
      scored(scene, rows),
      scored(scene, rows),
    ]);
    assert.deepEqual(a!.rows, b!.rows);
    assert.deepEqual(a!.views, b!.views);
    assert.equal((await scored(scene, rows)).nEncoded, 0);
  });

  await t.step(
    "two runs that have encoded the same keep it once, and leave no file that nobody noted",
    async () => {
      const rows = textsOf("met");
      const encoders = { textEncoder, encodeBudgetMs: 1e6 };
      const met = Promise.withResolvers<void>();
      let nThere = 0;
      const handler = world.handler({
        encoders,
        reached: (point) => {
          if (point !== "samples_encoded") return;
          if (++nThere === 2) met.resolve();
          return met.promise;
        },
      });
      const begun = await Promise.all([0, 1].map(async () => {
        const { runId, taskId } = await world.log([
          { kind: "samples", rows },
          ...outputs(),
        ]);
        return { runId, task: await world.next(taskId) };
      }));
      await Promise.all(begun.map(({ task }) => world.next(task, handler)));
      const noted = (await Promise.all(
        begun.map(({ runId }) => encodingsOf(world, runId)),
      )).flat();
      const [kept] = await world.admin`
        select sum(n_contents)::int as n from assay.encodings where path = any (${noted})`;
      assert.equal(kept!.n, MADE.length);
      const files = [...world.files.keys()].filter((path) =>
        begun.some(({ runId }) => path.includes(`${runId}/encodings/`))
      );
      assert.deepEqual(files, noted);
      assert.equal((await scored(scene, rows)).nEncoded, 0);
    },
  );

  await t.step(
    "an attempt that lost its lease notes nothing; the next one leaves the same",
    async () => {
      const rows = textsOf("stolen");
      const { runId, taskId } = await world.log([
        { kind: "samples", rows },
        ...outputs(),
      ]);
      const task = await world.next(taskId);
      const encoders = { textEncoder, encodeBudgetMs: 1e6 };
      const { outcome } = await world.deliver(
        task,
        world.handler({
          encoders,
          reached: (point) =>
            point === "samples_encoded" ? steal(world, task) : undefined,
        }),
      );
      assert.equal(outcome, "lost");
      assert.deepEqual(await encodingsOf(world, runId), []);
      await world.admin`
        update assay.tasks set run_after = now(), lease_until = lease_until - interval '1 hour' where id = ${task}`;
      const handler = world.handler({ encoders });
      await world.next(await world.next(task, handler), handler);
      assert.equal((await encodingsOf(world, runId)).length, 1);
      const plain = await scored(scene, rows);
      assert.equal(plain.nEncoded, 0);
      assert.deepEqual(await world.review(runId), plain.rows);
    },
  );
}

async function forgetting(t: Deno.TestContext, scene: Scene) {
  const { world } = scene;
  const rows = MADE.map((made, i) => ({
    id: made.id,
    label: made.label,
    text: `${textOf(made, i)} to be forgotten`,
  }));
  const sweep = () =>
    createSweeper(world.worker, world.objects, () => {}, Date.now)
      .sweepObjects();
  const filesOf = (runId: string) =>
    [...world.files.keys()].filter((path) =>
      path.startsWith(`${world.projectId}/${runId}/encodings/`)
    );

  await t.step("a deleted run takes its encodings along", async () => {
    const { runId } = await scored(scene, rows);
    assert.equal(filesOf(runId).length, 1);
    await world
      .admin`select assay.mark_deleted('run', ${runId}, ${world.projectId})`;
    const hidden = await scored(scene, rows);
    assert.equal(hidden.nEncoded, MADE.length, "what is hidden is not read");
    const [job] = await world.admin`
      select * from assay.enqueue_deletion('run', ${runId}, ${world.projectId})`;
    await world.finish(job!.task_id);
    assert.deepEqual(filesOf(runId), []);
    assert.deepEqual(await encodingsOf(world, runId), []);
    assert.equal(filesOf(hidden.runId).length, 1);
    assert.equal((await scored(scene, rows)).nEncoded, 0);
  });

  await t.step("uploads that expire take their encodings along", async () => {
    const { admin, projectId } = world;
    const own = rows.map((row) => ({ ...row, text: `${row.text} soon` }));
    const { runId, rows: ranking } = await scored(scene, own);
    await admin`update assay.projects set parts_retention_days = 7 where id = ${projectId}`;
    await admin`update assay.runs set closed_at = now() - interval '8 days' where id = ${runId}`;
    await sweep();
    assert.deepEqual(filesOf(runId), []);
    assert.deepEqual(await encodingsOf(world, runId), []);
    assert.deepEqual(await world.review(runId), ranking);
    assert.equal((await scored(scene, own)).nEncoded, MADE.length);
  });

  await t.step("the sweeper removes old files that nobody noted", async () => {
    const { runId } = await scored(
      scene,
      rows.map((row) => ({ ...row, text: `${row.text} swept` })),
    );
    const [kept] = filesOf(runId);
    const old = {
      bytes: new Uint8Array(1),
      createdAt: new Date(Date.now() - 7_200_000),
    };
    const folder = `${world.projectId}/${runId}/encodings`;
    world.files.set(`${folder}/lost-0.bin`, old);
    world.files.set(kept!, { ...world.files.get(kept!)!, ...old });
    world.files.set(`${folder}/young-0.bin`, {
      ...old,
      createdAt: new Date(),
    });
    await sweep();
    assert.deepEqual(
      filesOf(runId).sort(),
      [
        kept,
        `${folder}/young-0.bin`,
      ].sort(),
    );
  });
}
