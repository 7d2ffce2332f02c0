import { binary, tableFromArrays, tableToIPC, utf8 } from "@uwdata/flechette";
import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import {
  featuresOf,
  imageOf,
  MADE,
  N,
  textOf,
  withFeatures,
  withTexts,
  WRONG_IDS,
} from "./testing/contents.ts";
import { type Scored, World } from "./testing/world.ts";
import { startHost, TEST_CA } from "../store/testing/https.ts";

/** What must hold of any run without outputs. */
function checkWhole({ rows, summary }: Scored, n: number): void {
  assert.equal(rows.length, n);
  assert.equal(summary.n_samples, n);
  assert.equal(summary.n_epochs, 0);
  assert.deepEqual(summary.accuracy, {});
  assert.deepEqual(rows.map((r) => r.rank), rows.map((_, i) => i + 1));
  for (const row of rows) {
    for (const name of ["mislabeled_score", "mislabeled_probability"]) {
      const value = row[name] as number | null;
      assert.ok(
        value === null || (value >= 0 && value <= 1),
        `${name} ${value}`,
      );
    }
  }
}

/** The wrong labels are the likeliest to be wrong, among the worst of all, and flagged with few others. */
function checkRanking(scored: Scored): void {
  checkWhole(scored, N);
  const likelihood = (row: Record<string, unknown>) =>
    row.mislabeled_score as number;
  const worst = scored.rows
    .toSorted((a, b) => likelihood(b) - likelihood(a))
    .slice(0, WRONG_IDS.length);
  assert.deepEqual(worst.map((r) => r.sample_id).sort(), WRONG_IDS);
  assert.ok(
    worst.every((row) => row.rank as number <= WRONG_IDS.length + 1),
  );
  for (const row of worst) {
    const truth = MADE.find((s) => s.id === row.sample_id)!.truth;
    assert.equal(row.suggested_label, truth);
    assert.equal(row.issue_type, "mislabeled");
    assert.notEqual(row.reason, "");
    assert.ok(row.mislabeled_score as number > 0.5);
  }
  assert.ok(scored.summary.issue_counts.mislabeled <= WRONG_IDS.length + 2);
}

for (const engine of testEngines()) {
  Deno.test(`score_run without outputs on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await seeing(t, world);
      await missing(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function seeing(t: Deno.TestContext, world: World) {
  await t.step("ranks by features", async () => {
    const scored = await world.score([{
      kind: "samples",
      rows: withFeatures(),
    }]);
    checkRanking(scored);
    assert.deepEqual(scored.problems, []);
  });

  await t.step("ranks by texts, and says how they were read", async () => {
    const scored = await world.score([{ kind: "samples", rows: withTexts() }]);
    checkRanking(scored);
    const [note] = scored.summary.notes as string[];
    assert.match(note!, /^Texts are weighted means of their tokens/);
    const i = MADE.findIndex((s) => s.id === scored.rows[0]!.sample_id);
    assert.equal(scored.rows[0]!.text_preview, textOf(MADE[i]!, i));
  });

  await t.step("ranks by images, as bytes of an Arrow column", async () => {
    const images = await Promise.all(MADE.map(imageOf));
    const arrow = tableToIPC(
      tableFromArrays({
        id: MADE.map((s) => s.id),
        label: MADE.map((s) => s.label),
        image: images,
      }, { types: { id: utf8(), label: utf8(), image: binary() } }),
      { format: "stream" },
    ) as Uint8Array<ArrayBuffer>;
    checkRanking(await world.score([{ kind: "samples", rows: [], arrow }]));
  });

  await t.step(
    "ranks two splits together, read from several parts",
    async () => {
      const rows = withFeatures();
      const scored = await world.score([
        { kind: "samples", rows: rows.slice(0, 40), seq: 0 },
        { kind: "samples", rows: rows.slice(40, 60), seq: 1 },
        { kind: "samples", rows: rows.slice(60), split: "validation" },
      ]);
      checkRanking(scored);
      assert.equal(
        scored.rows.filter((r) => r.split === "validation").length,
        20,
      );
    },
  );

  await t.step(
    "gives each sample its own content, in whatever order its rows arrived",
    async () => {
      const rows = MADE.map((sample, i) => ({
        id: sample.id,
        label: sample.label,
        features: featuresOf(sample, i),
        text: i % 4 === 0 ? textOf(sample, i) : null,
      }));
      const plain = await world.score([{ kind: "samples", rows }]);
      checkRanking(plain);
      const shuffled = rows.toSorted((a, b) => a.features[5]! - b.features[5]!);
      const scored = await world.score([
        { kind: "samples", rows: shuffled.slice(50), seq: 0 },
        { kind: "samples", rows: shuffled.slice(0, 50), seq: 1 },
      ]);
      assert.deepEqual(scored.rows, plain.rows);
      assert.deepEqual(scored.summary, plain.summary);
    },
  );
}

async function missing(t: Deno.TestContext, world: World) {
  await t.step(
    "takes rows that hold nothing, and rows without a label",
    async () => {
      const rows = withFeatures();
      delete rows[8]!.features;
      rows[9]!.features = null;
      delete rows[10]!.label;
      const scored = await world.score([
        { kind: "samples", rows },
        { kind: "samples", rows: [{ id: "bare", label: "ham" }], seq: 7 },
      ]);
      checkWhole(scored, N + 1);
      assert.deepEqual(scored.problems, []);
      assert.deepEqual(
        scored.rows.slice(0, WRONG_IDS.length).map((r) => r.sample_id).sort(),
        WRONG_IDS,
      );
      for (const id of ["bare", MADE[8]!.id, MADE[9]!.id]) {
        const row = scored.rows.find((r) => r.sample_id === id)!;
        assert.equal(row.issue_type, "garbage");
        assert.equal(row.reason, "All of its features are missing");
        assert.equal(row.mislabeled_probability, null);
      }
    },
  );

  await t.step("counts the first row of an id, in whatever part", async () => {
    const rows = withFeatures();
    const plain = await world.score([{ kind: "samples", rows }]);
    const again = rows.slice(0, 10).map((r, i) => ({
      ...r,
      features: featuresOf(MADE[i + 1]!, i), // those of the other class
    }));
    const scored = await world.score([
      { kind: "samples", rows: [...rows, rows[3]!, again[5]!], seq: 0 },
      { kind: "samples", rows: again, seq: 1 },
    ]);
    assert.deepEqual(scored.rows, plain.rows);
    const entries = scored.problems.map(([message, n]) => [
      /the first row counts/.test(message),
      n,
    ]);
    assert.deepEqual(entries, [[true, 1], [true, 10]]);
  });

  await t.step("refuses the same rows once, and uses the rest", async () => {
    const rows = withFeatures();
    const plain = await world.score([{ kind: "samples", rows }]);
    const scored = await world.score([{
      kind: "samples",
      rows: [
        { id: "a", label: "eggs", features: [9] },
        ...rows.slice(0, 50),
        { id: "b", label: "ham", features: [1, null] },
        ...rows.slice(50),
      ],
    }]);
    assert.deepEqual(scored.rows, plain.rows);
    assert.deepEqual(scored.problems.map(([, n]) => n), [1, 1]);
    assert.equal(scored.summary.n_row_problems, 2);
  });

  await t.step(
    "lists images that cannot be decoded, and URIs that it may not fetch",
    async () => {
      const rows = withFeatures();
      const png = await imageOf(MADE[0]!, 0);
      rows[1]!.image = `data:image/png;base64,${png.toBase64()}`;
      rows[2]!.image = `data:image/png;base64,${png.slice(0, 60).toBase64()}`;
      rows[5]!.image = "data:image/png;base64,AAAA";
      rows[7]!.image = "http://host.example/a.png?signature=s3cret";
      rows[9]!.image = "https://169.254.169.254/latest/meta-data/";
      const scored = await world.score([
        { kind: "samples", rows: rows.slice(0, 4), seq: 0 },
        { kind: "samples", rows: rows.slice(4), seq: 1 },
      ]);
      checkWhole(scored, N);
      const bad = scored.problems.map(([message, n]) => [
        /row (\d+), column "image", as an image must be/.exec(message)?.[1],
        n,
      ]);
      assert.deepEqual(bad.slice(0, 2), [["2", 1], ["1", 1]]);
      const uris = scored.problems.slice(2).map(([message]) =>
        message.replace(/^.*row/, "row")
      );
      assert.deepEqual(uris, [
        'row 3, column "image", as an image URI must be https://host/path without a user name and password: current value is "http://host.example/a.png"',
        'row 5, column "image", as an image URI must lead to a public address: current value is "https://169.254.169.254/latest/meta-data/"',
      ]);
      const notes = (scored.summary.notes as string[]).join("\n");
      assert.match(
        notes,
        /Images that are no JPEG, PNG, WebP or GIF that can be decoded: 2/,
      );
      assert.match(notes, /Images fetched by their URI: 0 of 2/);
    },
  );

  await t.step(
    "ranks by images that it fetches, and lists those it cannot have",
    async () => {
      const images = await Promise.all(MADE.map(imageOf));
      const host = startHost((request) => {
        const i = Number(/(\d+)\.png$/.exec(request.url)?.[1]);
        if (i === 70) return new Response("gone", { status: 404 });
        if (i === 71) return Response.json({});
        return new Response(images[i], {
          headers: { "content-type": "image/png" },
        });
      });
      try {
        const origin = `https://127.0.0.1:${host.port}`;
        const handler = world.handler({
          encoders: {
            encodeBudgetMs: 0,
            imageFetch: { allowedOrigins: [origin], ca: TEST_CA },
          },
        });
        const rows = MADE.map(({ id, label }, i) => ({
          id,
          label,
          image: `${origin}/${i}.png`,
        }));
        const { runId, taskId } = await world.log([{ kind: "samples", rows }]);
        const scoreTask = await world.next(await world.next(taskId), handler);
        await world.finish(scoreTask);
        const scored = {
          runId,
          rows: await world.review(runId),
          ...await world.summary(runId),
        };
        checkRanking(scored);
        assert.deepEqual(
          scored.problems.map(([message]) => /row (\d+)/.exec(message)![1]),
          ["70", "71"],
        );
        assert.match(
          (scored.summary.notes as string[]).join("\n"),
          /Images fetched by their URI: 78 of 80/,
        );
        assert.equal(host.asked.length, N);
      } finally {
        await host.stop();
      }
    },
  );

  await t.step(
    "says which URI was the first that gave no image where all are",
    async () => {
      const rows = MADE.map(({ id, label }) => ({ id, label, image: "a.png" }));
      const { runId, taskId } = await world.log([{ kind: "samples", rows }]);
      const encodeTask = await world.next(taskId);
      assert.equal((await world.deliver(encodeTask)).outcome, "failed");
      assert.match(
        (await world.job(runId)).error,
        /fetched by their URI: 0 of 80\. .* row 0, column "image", as an image URI must be https/,
      );
    },
  );

  await t.step(
    "scores by content where no output could be used, and says so",
    async () => {
      const scored = await world.score([
        { kind: "samples", rows: withFeatures() },
        { kind: "outputs", rows: [{ id: MADE[0]!.id, logits: [1, 2, 3] }] },
      ]);
      checkRanking(scored);
      assert.equal(scored.problems.length, 1);
      assert.match(
        (scored.summary.notes as string[])[0]!,
        /^Outputs were logged, but none could be used/,
      );
    },
  );

  await t.step(
    "fails with a sentence where nothing of it can be seen",
    async () => {
      const { runId, taskId } = await world.log([{
        kind: "samples",
        rows: MADE.map(({ id, label }) => ({
          id,
          label,
          image: "data:image/png;base64,AAAA",
          text: " ",
        })),
      }]);
      const encodeTask = await world.next(taskId);
      assert.equal((await world.deliver(encodeTask)).outcome, "failed");
      const job = await world.job(runId);
      assert.equal(job.error_code, "unusable_input");
      assert.match(
        job.error,
        /nothing of what its samples hold can be compared\. Images that are no JPEG.*: 80.* row 0, column "image"/,
      );
    },
  );
}
