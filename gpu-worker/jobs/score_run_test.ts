import assert from "node:assert/strict";
import type { RunReport } from "@shared/types/report.ts";
import { testEngines } from "@testing/postgres.ts";
import { LeaseLost } from "../runner/run_task.ts";
import type { TaskHandler } from "../runner/lease.ts";
import { createSweeper } from "../store/sweeper.ts";
import { type Part, steal, untilRunning, World } from "./testing/world.ts";

const N = 30;
const samples = (): object[] =>
  Array.from({ length: N }, (_, i) => ({
    id: `s${i}`,
    label: i === 3 ? "spam" : i % 2 === 0 ? "spam" : "ham", // s3 is ham, and labelled spam
    text: `words of sample number ${i} and of nothing else ${i * 7}`,
  }));
/** Samples that hold nothing. */
const bare = (): object[] =>
  Array.from({ length: N }, (_, i) => ({ id: `s${i}`, label: "ham" }));
const output = (i: number, epoch: number) => ({
  id: `s${i}`,
  logits: i % 2 === 0 ? [-epoch - 1, epoch + 1] : [epoch + 1, -epoch - 1],
  embedding: i % 2 === 0 ? [1, i / 100] : [i / 100, 1],
});
const outputs = (
  epoch: number,
  ids = Array.from({ length: N }, (_, i) => i),
): object[] => ids.map((i) => output(i, epoch));
const training = (): Part[] => [
  { kind: "samples", rows: samples() },
  ...[0, 1, 2].map((epoch): Part => ({
    kind: "outputs",
    rows: outputs(epoch),
    epoch,
  })),
];

for (const engine of testEngines()) {
  Deno.test(`score_run on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await scoring(t, world);
      await merging(t, world);
      await refusing(t, world);
      await losing(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function scoring(t: Deno.TestContext, world: World) {
  await t.step("ranks the wrong label first, with a reason", async () => {
    const { rows, summary, problems } = await world.score(training());
    assert.equal(rows.length, N);
    const [worst] = rows;
    assert.equal(worst!.sample_id, "s3");
    assert.equal(worst!.given_label, "spam");
    assert.equal(worst!.suggested_label, "ham");
    assert.equal(worst!.issue_type, "mislabeled");
    assert.match(String(worst!.reason), /"ham" in 3 of 3 epochs/);
    assert.equal(summary.n_epochs, 3);
    assert.equal(summary.issue_counts.mislabeled, 1);
    assert.deepEqual(problems, []);
    const [revision] = await world.admin`
      select report from assay.revisions order by created_at desc limit 1`;
    const { splits, representation } = revision!.report as RunReport;
    assert.equal(splits[0]!.classes.length, 2);
    assert.ok(splits[0]!.calibration!.n > 0);
    assert.equal(representation?.source, "embedding");
  });

  await t.step(
    "gives the same rows twice, and shares samples and version",
    async () => {
      const before = await world
        .admin`select count(*)::int as n from assay.samples`;
      const first = await world.score(training());
      const second = await world.score(training());
      assert.deepEqual(second.rows, first.rows);
      const after = await world
        .admin`select count(*)::int as n from assay.samples`;
      assert.deepEqual(after[0], before[0]);
      const versions = await world.admin`
      select distinct dataset_version_id from assay.runs where id = any (${[
        first.runId,
        second.runId,
      ]})`;
      assert.equal(versions.length, 1);
    },
  );

  await t.step("keeps whole texts by offset", async () => {
    const long = "ä".repeat(3000);
    const parts = training();
    (parts[0]!.rows[5] as { text: string }).text = long;
    const { runId, rows } = await world.score(parts);
    assert.equal(
      rows.find((r) => r.sample_id === "s5")!.text_preview,
      "ä".repeat(1024),
    );
    const [kept] = await world.admin`
      select s.content_path, s.content_offset, s.content_bytes from assay.samples s
      join assay.sample_review v on v.sample_key = s.id where v.run_id = ${runId} and s.sample_id = 's5'`;
    const from = Number(kept!.content_offset);
    const file = world.files.get(kept!.content_path)!.bytes.subarray(
      from,
      from + kept!.content_bytes,
    );
    assert.equal(new TextDecoder().decode(file), long);
  });

  await t.step("takes out-of-sample probabilities alone", async () => {
    const probs = Array.from(
      { length: N },
      (_, i) => ({ id: `s${i}`, probs: i % 2 === 0 ? [0.1, 0.9] : [0.9, 0.1] }),
    );
    const { rows } = await world.score([
      { kind: "samples", rows: samples() },
      { kind: "outputs", rows: probs, predictionKind: "out_of_sample" },
    ]);
    assert.equal(rows[0]!.sample_id, "s3");
  });

  await t.step(
    "takes unlabelled samples, missing epochs and a second split",
    async () => {
      const parts = training();
      delete (parts[0]!.rows[7] as { label?: string }).label;
      parts[2]!.rows = outputs(1, [0, 1, 2, 3]);
      parts.push(
        {
          kind: "samples",
          split: "test",
          rows: [{
            id: "s0",
            label: "ham",
            text: "another text of the test split",
          }],
        },
        {
          kind: "outputs",
          split: "test",
          predictionKind: "out_of_sample",
          rows: [output(0, 2)],
        },
      );
      const { rows, summary, problems } = await world.score(parts);
      assert.deepEqual(problems, []);
      assert.equal(rows.length, N + 1);
      assert.equal(rows.find((r) => r.sample_id === "s7")!.given_label, null);
      assert.deepEqual(Object.keys(summary.accuracy).sort(), [
        "test",
        "training",
      ]);
    },
  );
}

async function merging(t: Deno.TestContext, world: World) {
  const plain = (await world.score(training())).rows;

  await t.step(
    "merges the parts of two writers by id, in any order",
    async () => {
      const [odd, even] = [1, 0].map((rest) =>
        Array.from({ length: N }, (_, i) => i).filter((i) => i % 2 === rest)
      );
      const parts: Part[] = [2, 1, 0].flatMap((epoch) => [
        {
          kind: "outputs" as const,
          rows: outputs(epoch, odd),
          epoch,
          writer: "1",
        },
        { kind: "outputs" as const, rows: outputs(epoch, even), epoch },
      ]);
      parts.push({ kind: "samples", rows: samples().slice(10), writer: "1" }, {
        kind: "samples",
        rows: samples().slice(0, 12),
      });
      const { rows, problems } = await world.score(parts, [["0", 0], ["1", 0]]);
      assert.deepEqual(problems, []);
      assert.deepEqual(rows, plain);
    },
  );

  await t.step(
    "counts the highest generation a writer has finished with, whatever arrived late",
    async () => {
      const wrong = (epoch: number) =>
        outputs(epoch).map((o) => ({ ...o, logits: [9, -9] }));
      const { rows } = await world.score([
        { kind: "samples", rows: samples() },
        { kind: "outputs", rows: outputs(0), epoch: 0 },
        { kind: "outputs", rows: wrong(1), epoch: 1 }, // was written before the crash, and again after it
        { kind: "outputs", rows: outputs(1), epoch: 1, generation: 1 },
        { kind: "outputs", rows: outputs(2), epoch: 2, generation: 1 },
        { kind: "outputs", rows: wrong(2), epoch: 2, generation: 2 }, // a generation nobody finished
      ], [["0", 1]]);
      assert.deepEqual(rows, plain);
    },
  );

  await t.step(
    "keeps samples that only an earlier generation of a writer logged",
    async () => {
      const parts = training();
      const all = samples();
      parts.splice(0, 1, { kind: "samples", rows: all.slice(0, 20) }, {
        kind: "samples",
        rows: all.slice(10), // resumed: some again, some for the first time
        generation: 1,
      });
      const { rows, problems } = await world.score(parts, [["0", 1]]);
      assert.deepEqual(problems, []);
      assert.deepEqual(rows, plain);
    },
  );

  await t.step("takes the mean of an id met twice in one epoch", async () => {
    const parts = training();
    parts[3]!.rows.push(...outputs(2)); // the same again: the mean is the same
    assert.deepEqual((await world.score(parts)).rows, plain);
  });
}

async function refusing(t: Deno.TestContext, world: World) {
  await t.step("lists rows it cannot use, and uses the rest", async () => {
    const parts = training();
    parts[0]!.rows.push({ id: "bad", label: "eggs" });
    parts[1]!.rows.push({ id: "stranger", logits: [1, 2] }, {
      id: "s1",
      logits: [1],
    });
    const { rows, summary, problems } = await world.score(parts);
    assert.equal(rows.length, N);
    assert.equal(summary.n_row_problems, 3);
    assert.deepEqual(problems.map(([, n]) => n), [1, 1, 1]);
    assert.match(
      problems[0]![0],
      /row 30, column "label", as a label must be null, one of the run's 2 label names/,
    );
  });

  await t.step(
    "lists a part whose bytes are not those that were announced",
    async () => {
      const parts = training();
      parts.push({
        kind: "outputs",
        rows: outputs(3),
        epoch: 3,
        sha256: new Uint8Array(32),
      });
      const { rows, problems } = await world.score(parts);
      assert.deepEqual(rows, (await world.score(training())).rows);
      assert.equal(problems.length, 1);
      assert.match(
        problems[0]![0],
        /must have the SHA-256 that was announced, 0{64}: current value is/,
      );
    },
  );

  await t.step(
    "lists rows that a writer says to have sent, and that its parts do not have",
    async () => {
      const said = (epoch: number, rows: number) => ({
        part_kind: "outputs",
        split: "training",
        inference_name: "",
        epoch,
        parts: 1,
        rows,
      });
      const { rows, summary, problems } = await world.score(training(), [
        ["0", 0, [said(0, N), said(1, N + 2)]],
      ]);
      assert.deepEqual(rows, (await world.score(training())).rows);
      assert.equal(summary.n_row_problems, 2);
      assert.match(
        problems[0]![0],
        /its writer "0" must have sent as many rows of outputs of split training, epoch 1, as it says, 32: current value is 30/,
      );
    },
  );

  await t.step(
    "fails the job with a sentence where nothing can be used",
    async () => {
      const cases: [Part[], RegExp][] = [
        [
          [{ kind: "outputs", rows: outputs(0) }],
          /no usable sample was logged/,
        ],
        [
          [{ kind: "samples", rows: [{ id: "", label: "ham" }] }],
          /no usable sample was logged\. Cannot use part .* row 0, column "id"/,
        ],
        [
          [{ kind: "samples", rows: bare() }],
          /no usable output was logged, and no text, image or features to score without$/,
        ],
        [[{ kind: "samples", rows: bare() }, {
          kind: "outputs",
          rows: [{ id: "s1", logits: [1, 2, 3] }],
        }], /list of 2 numbers/],
      ];
      for (const [parts, message] of cases) {
        const { runId, taskId } = await world.log(parts);
        assert.equal((await world.deliver(taskId)).outcome, "failed");
        const job = await world.job(runId);
        assert.equal(job.error_code, "unusable_input");
        assert.match(job.error, message);
      }
    },
  );

  await t.step("tries again what may work later", async () => {
    const { taskId } = await world.log(training());
    const files = new Map(world.files);
    world.files.clear();
    assert.equal((await world.deliver(taskId)).outcome, "requeued");
    for (const [path, file] of files) world.files.set(path, file);
    const held = await world.deliver(taskId);
    assert.equal(held.outcome, "held", "it backs off");
  });
}

async function losing(t: Deno.TestContext, world: World) {
  const untilAborted: TaskHandler = (_lease, _report, signal) =>
    new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );

  await t.step(
    "a handler is told when its lease is taken over, and its end changes nothing",
    async () => {
      const { taskId, runId } = await world.log(training());
      let reason: unknown;
      const first = world.deliver(
        taskId,
        (lease, report, signal) =>
          untilAborted(lease, report, signal).catch((error) => {
            reason = error;
            throw error;
          }),
      );
      await steal(world, taskId);
      assert.equal((await first).outcome, "lost");
      assert.ok(reason instanceof LeaseLost);
      assert.equal((await world.job(runId)).state, "running");
    },
  );

  await t.step(
    "a revision written by a worker that lost its lease is never seen",
    async () => {
      const { taskId, runId } = await world.log(training());
      const scoreTask = await world.next(await world.next(taskId));
      const real = world.handler({
        reached: async (point) => {
          if (point === "results_written") await steal(world, scoreTask);
        },
      });
      assert.equal((await world.deliver(scoreTask, real)).outcome, "lost");
      const [row] = await world.admin`
      select count(*)::int as written, count(published_at)::int as published from assay.revisions where run_id = ${runId}`;
      assert.deepEqual({ ...row! }, { written: 1, published: 0 });
      assert.deepEqual(await world.review(runId), []);
    },
  );

  await t.step("cancelling a job ends its handler", async () => {
    const { taskId, runId } = await world.log(training());
    const running = world.deliver(taskId, untilAborted);
    await untilRunning(world, taskId);
    const { id } = await world.job(runId);
    await world.worker`select assay.cancel_job(${id})`;
    assert.equal((await running).outcome, "lost");
    assert.equal((await world.job(runId)).state, "cancelled");
  });

  await t.step(
    "a worker that is told to stop gives its task back",
    async () => {
      const { taskId } = await world.log(training());
      const stopping = new AbortController();
      const running = world.deliver(taskId, untilAborted, stopping.signal);
      await untilRunning(world, taskId);
      stopping.abort();
      assert.equal((await running).outcome, "requeued");
      const [task] = await world.admin`
        select attempts, state, run_after <= now() as is_ready,
          (select count(*)::int from assay.outbox o where o.task_id = t.id) as doorbells
        from assay.tasks t where id = ${taskId}`;
      assert.deepEqual({ ...task! }, {
        attempts: 0, // a restart of the fleet uses up nobody's attempts
        state: "queued",
        is_ready: true,
        doorbells: 2,
      });
      assert.equal((await world.deliver(taskId)).outcome, "done");
    },
  );

  await t.step(
    "the sweeper removes work files that no revision keeps and parts without a row, and nothing else",
    async () => {
      const { runId } = await world.score(training());
      const folder = `${world.projectId}/${runId}`;
      const old = {
        bytes: new Uint8Array(1),
        createdAt: new Date(Date.now() - 7_200_000),
      };
      for (const [path, file] of world.files) {
        world.files.set(path, { ...file, createdAt: old.createdAt });
      }
      world.files.set(`${folder}/parts/orphan`, old);
      world.files.set(`${folder}/parts/young`, {
        ...old,
        createdAt: new Date(),
      });
      world.files.set(
        `${folder}/revisions/${crypto.randomUUID()}/columns.arrow`,
        old,
      );
      const under = (name: string) =>
        [...world.files.keys()].filter((p) =>
          p.startsWith(`${folder}/${name}/`)
        );
      const kept = under("work");
      assert.equal(kept.length, 2);
      world.files.set(`${kept[0]}.lost`, old);
      world.files.set(`${folder}/work/${crypto.randomUUID()}-1/lost`, old);
      await createSweeper(world.worker, world.objects, () => {}, Date.now)
        .sweepObjects();
      assert.deepEqual(under("work"), kept);
      assert.equal(under("revisions").length, 2);
      assert.equal(under("parts").length, 4 + 1);
      assert.ok(under("parts").includes(`${folder}/parts/young`));
    },
  );

  await t.step(
    "the sweeper leaves what a job has written that began while it swept",
    async () => {
      const { runId } = await world.score(training());
      const work = `${world.projectId}/${runId}/work`;
      let next: string | undefined;
      const sweeper = createSweeper(
        world.worker,
        {
          ...world.objects,
          list: async (path) => {
            if (path === work) {
              const [row] = await world
                .worker`select * from assay.enqueue_job(${runId}, 'score_run', 'fold')`;
              const fold = await world.deliver(row!.task_id);
              [next] = (fold as unknown as { taskIds: string[] }).taskIds;
            }
            return await world.objects.list(path);
          },
        },
        () => {},
        Date.now,
      );
      await sweeper.sweepObjects();
      assert.equal((await world.deliver(next!)).outcome, "done");
    },
  );
}
