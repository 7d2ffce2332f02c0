// deno-lint-ignore-file camelcase
import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import type { TaskHandler } from "../runner/lease.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { createSweeper } from "../store/sweeper.ts";
import { askRescoring } from "./testing/stored_models.ts";
import { type Part, steal, World } from "./testing/world.ts";

const N = 40;
const outputs = (epoch: number): object[] =>
  Array.from({ length: N }, (_, i) => ({
    id: `s${i}`,
    logits: i % 2 === 0 ? [-epoch - 1, epoch + 1] : [epoch + 1, -epoch - 1],
    embedding: i % 2 === 0 ? [1, i / 100] : [i / 100, 1],
  }));
const training = (): Part[] => [
  {
    kind: "samples",
    rows: Array.from({ length: N }, (_, i) => ({
      id: `s${i}`,
      label: i === 3 || i % 2 === 0 ? "spam" : "ham", // s3 is ham, and labelled spam
      text: `words of sample number ${i} and of nothing else ${i * 7}`,
    })),
  },
  ...[0, 1, 2].map((epoch): Part => ({
    kind: "outputs",
    rows: outputs(epoch),
    epoch,
  })),
];

for (const engine of testEngines()) {
  Deno.test(`rescore_run on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      await thresholds(t, world);
      await verdicts(t, world);
      await beginnings(t, world);
      await dying(t, world);
    } finally {
      await world.drop();
    }
  });
}

interface Asked {
  readonly settings?: object | null;
  readonly apply_verdicts?: boolean;
}

/** Scores again, and says which objects were read. */
async function rescore(world: World, runId: string, asked: Asked = {}) {
  const read: string[] = [];
  const objects: ObjectStore = {
    ...world.objects,
    download: (path) => {
      read.push(path);
      return world.objects.download(path);
    },
  };
  const handler = world.rescorer({ objects });
  let task: string | undefined = await askRescoring(world, runId, asked);
  const stages: string[] = [];
  while (task) {
    task = await world.next(task, (lease, report, signal) => {
      stages.push(lease.stage);
      return handler(lease, report, signal);
    });
  }
  return { read, stages };
}

const revisions = (world: World, runId: string) =>
  world
    .admin`select * from assay.revisions where run_id = ${runId} order by created_at`;

async function thresholds(t: Deno.TestContext, world: World) {
  const { runId, rows } = await world.score(training());
  const flagged = async () =>
    (await world.summary(runId)).summary.issue_counts.mislabeled ?? 0;
  assert.equal(await flagged(), 1);

  await t.step(
    "other thresholds make a new revision, and no part is read",
    async () => {
      const settings = { mislabeled: { min_probability: 1 } };
      const { read, stages } = await rescore(world, runId, { settings });
      assert.deepEqual(stages, ["prepare", "score"]);
      assert.equal(read.length, 3, "signals, views and graphs");
      assert.deepEqual(read.filter((path) => path.includes("/parts/")), []);
      assert.equal(await flagged(), 0);
      const [first, second] = await revisions(world, runId);
      assert.equal(second!.number, 2);
      assert.equal(second!.parent_id, first!.id);
      assert.deepEqual(second!.settings, {
        thresholds: settings,
        apply_verdicts: true,
        model_id: null,
        n_verdicts: 0,
      });
      assert.deepEqual(second!.kept, first!.kept, "one copy is enough");
    },
  );

  await t.step("the old revision stays, and can be compared", async () => {
    const [first, second] = await revisions(world, runId);
    const old = await world.admin`
      select sample_id, rank, issue_type from assay.revision_samples
      where revision_id = ${first!.id} order by rank`;
    assert.deepEqual(
      old.map((row) => ({ ...row })),
      rows.map(({ sample_id, rank, issue_type }) => ({
        sample_id,
        rank,
        issue_type,
      })),
    );
    const changes = await world.admin`
      select sample_id, issue_types_before, issue_types_after, suggested_label_before, suggested_label_after
      from assay.revision_changes where from_revision_id = ${
      first!.id
    } and to_revision_id = ${second!.id}`;
    assert.deepEqual(changes.map((row) => ({ ...row })), [{
      sample_id: "s3",
      issue_types_before: ["mislabeled"],
      issue_types_after: [],
      suggested_label_before: "ham",
      suggested_label_after: null,
    }]);
    const kept = await world.admin`
      select from_revision_id, to_revision_id, counts from assay.revision_differences`;
    assert.deepEqual(
      kept.map((row) => [row.from_revision_id, row.to_revision_id]),
      [[first!.id, second!.id]],
      "the worker has counted it",
    );
    assert.equal(kept[0]!.counts.no_longer_flagged, 1);
  });

  await t.step(
    "thresholds that are not named stay; named as none they are the defaults",
    async () => {
      await rescore(world, runId);
      assert.equal(await flagged(), 0);
      await rescore(world, runId, { settings: {} });
      assert.equal(await flagged(), 1);
      assert.deepEqual(await world.review(runId), rows);
    },
  );

  await t.step("the sweeper keeps what the next one needs", async () => {
    await createSweeper(world.worker, world.objects, () => {}, Date.now)
      .sweepObjects();
    const { stages } = await rescore(world, runId);
    assert.deepEqual(stages, ["prepare", "score"]);
    assert.deepEqual(await world.review(runId), rows);
  });
}

async function verdicts(t: Deno.TestContext, world: World) {
  await t.step(
    "what people said is counted, where it is asked for",
    async () => {
      const { runId } = await world.score(training());
      await world.admin`
      insert into assay.verdicts (dataset_id, sample_id, verdict, label, run_id) values
        (${world.datasetId}, 's3', 'relabel', 'ham', ${runId}), (${world.datasetId}, 's4', 'keep', null, ${runId}),
        (${world.datasetId}, 's5', 'drop', null, ${runId}), (${world.datasetId}, 's5', 'clear', null, ${runId}),
        (${world.datasetId}, 's6', 'needs_review', null, ${runId})`;
      await rescore(world, runId);
      await rescore(world, runId, { apply_verdicts: false });
      const next = await world.score(training());
      const counted = [
        ...await revisions(world, runId),
        ...await revisions(world, next.runId),
      ];
      assert.deepEqual(
        counted.map(({ settings }) => settings.n_verdicts),
        [0, 2, 0, 2],
      );
      await world.admin`delete from assay.verdicts`;
    },
  );

  await t.step("a label that somebody keeps is flagged no longer", async () => {
    const { runId } = await world.score(training());
    await world.admin`
      insert into assay.verdicts (dataset_id, sample_id, verdict, run_id) values (${world.datasetId}, 's3', 'keep', ${runId})`;
    const typeOf = async () =>
      (await world.review(runId)).find((row) => row.sample_id === "s3")!
        .issue_type;
    assert.equal(await typeOf(), "mislabeled");
    await rescore(world, runId);
    assert.notEqual(await typeOf(), "mislabeled");
    await rescore(world, runId, { apply_verdicts: false });
    assert.equal(await typeOf(), "mislabeled");
    await world.admin`delete from assay.verdicts`;
  });
}

async function beginnings(t: Deno.TestContext, world: World) {
  await t.step("without kept files the parts are folded again", async () => {
    const { runId, rows } = await world.score(training());
    for (const kept of [null, { version: 0, signals_paths: ["x"] }]) {
      await world.admin`update assay.revisions set kept = ${
        kept && world.admin.json(kept)
      } where run_id = ${runId}`;
      const { stages } = await rescore(world, runId);
      assert.deepEqual(stages, ["prepare", "fold", "encode", "score"]);
      assert.deepEqual(await world.review(runId), rows);
      const [last] = (await revisions(world, runId)).slice(-1);
      assert.ok(last!.parent_id, "it knows where it began");
      assert.equal((await rescore(world, runId)).stages.length, 2);
    }
  });

  await t.step("samples without outputs keep their views", async () => {
    const { runId, rows } = await world.score(training().slice(0, 1));
    const { stages, read } = await rescore(world, runId);
    assert.deepEqual(stages, ["prepare", "score"]);
    assert.equal(read.length, 3, "signals, views and graphs");
    assert.deepEqual(await world.review(runId), rows);
    await world
      .admin`update assay.revisions set kept = null where run_id = ${runId}`;
    const again = await rescore(world, runId);
    assert.deepEqual(again.stages, ["prepare", "fold", "encode", "score"]);
    assert.deepEqual(await world.review(runId), rows);
  });

  await t.step("a run without results, or uploads, says so", async () => {
    const cases: [(runId: string) => Promise<unknown>, RegExp][] = [
      [
        (id) =>
          world
            .admin`update assay.runs set published_revision_id = null where id = ${id}`,
        /Cannot rescore run ".*": it has no results/,
      ],
      [
        (id) =>
          world
            .admin`update assay.runs set parts_expired_at = now() where id = ${id}`,
        /its uploads were removed/,
      ],
    ];
    for (const [spoil, message] of cases) {
      const { runId } = await world.score(training());
      await spoil(runId);
      const task = await askRescoring(world, runId);
      assert.equal((await world.deliver(task)).outcome, "failed");
      const [job] = await world.admin`
        select error from assay.jobs where run_id = ${runId} and job_kind = 'rescore_run'`;
      assert.match(job!.error, message);
    }
  });
}

async function dying(t: Deno.TestContext, world: World) {
  const { runId, rows } = await world.score(training());

  await t.step("a worker that dies in any stage is made up for", async () => {
    const ends: TaskHandler = () => Promise.reject(new Error("died"));
    let task: string | undefined = await askRescoring(world, runId);
    while (task) {
      assert.equal((await world.deliver(task, ends)).outcome, "requeued");
      await world
        .admin`update assay.tasks set run_after = now() where id = ${task}`;
      task = await world.next(task);
    }
    assert.deepEqual(await world.review(runId), rows);
  });

  await t.step(
    "what a worker wrote that lost its lease is never seen",
    async () => {
      const settings = { mislabeled: { min_probability: 1 } };
      const task = await world.next(
        await askRescoring(world, runId, { settings }),
      );
      const late = world.rescorer({
        reached: async (point) => {
          if (point === "results_written") await steal(world, task);
        },
      });
      assert.equal((await world.deliver(task, late)).outcome, "lost");
      assert.deepEqual(await world.review(runId), rows);
      const [job] = await world.admin`
        select id from assay.jobs where run_id = ${runId} and state = 'running'`;
      await world.worker`select assay.cancel_job(${job!.id})`;
      assert.deepEqual(await world.review(runId), rows);
    },
  );

  await t.step("cancelling leaves the old revision", async () => {
    const task = await world.next(await askRescoring(world, runId));
    const [job] = await world.admin`
      select id from assay.jobs where run_id = ${runId} and state = 'running'`;
    const handler = world.rescorer({
      reached: async (point) => {
        if (point === "compute_done") {
          await world.worker`select assay.cancel_job(${job!.id})`;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      },
    });
    assert.equal((await world.deliver(task, handler)).outcome, "lost");
    assert.deepEqual(await world.review(runId), rows);
  });
}
