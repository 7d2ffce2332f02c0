import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { createSweeper } from "../store/sweeper.ts";
import { type Part, World } from "./testing/world.ts";

const N = 30;
const samples = (textLength = 3000): Part => ({
  kind: "samples",
  rows: Array.from({ length: N }, (_, i) => ({
    id: `s${i}`,
    label: i % 2 === 0 ? "spam" : "ham",
    text: `${i % 2 === 0 ? "winner free offer" : "meeting agenda"} ${
      "x".repeat(textLength)
    } ${i}`,
  })),
});
const outputs = (): Part => ({
  kind: "outputs",
  rows: Array.from({ length: N }, (_, i) => ({
    id: `s${i}`,
    logits: i % 2 === 0 ? [-2, 2] : [2, -2],
    embedding: [i % 2, i / 100],
  })),
});

function sweeperOf(world: World) {
  return createSweeper(world.worker, world.objects, () => {}, Date.now);
}

/** Folders of a run that hold anything. */
function foldersOf(world: World, runId: string): string[] {
  const start = `${world.projectId}/${runId}/`;
  return [
    ...new Set(
      [...world.files.keys()].filter((path) => path.startsWith(start))
        .map((path) => path.slice(start.length).split("/")[0]!),
    ),
  ].sort();
}

/** Objects where the first request of one kind lets `body` run, and waits until the work was told to stop. */
function interrupted(
  { objects }: World,
  kind: "download" | "upload",
  body: () => Promise<void>,
  told: () => Promise<void>,
): ObjectStore {
  let isFirst = true;
  const before = async () => {
    if (!isFirst) return;
    isFirst = false;
    await body();
    await told();
  };
  return {
    ...objects,
    download: async (path) => {
      if (kind === "download") await before();
      return await objects.download(path);
    },
    upload: async (...given) => {
      await objects.upload(...given);
      if (kind === "upload") await before();
    },
  };
}

for (const engine of testEngines()) {
  Deno.test(`life of a run's data on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      for (const stage of ["fold", "encode", "score"]) {
        for (const kind of ["download", "upload"] as const) {
          await t.step(
            `a job that is cancelled in stage ${stage}, at its first ${kind}, stops and leaves nothing`,
            () => cancelled(world, stage, kind),
          );
        }
      }
      await t.step(
        "uploads go after their time, results stay",
        () => uploadsExpire(world),
      );
      await t.step(
        "runs go after their time, busy ones later",
        () => runsExpire(world),
      );
    } finally {
      await world.drop();
    }
  });
}

async function cancelled(
  world: World,
  stage: string,
  kind: "download" | "upload",
) {
  const parts = stage === "encode"
    ? [samples(0)] // long texts take an encoder long
    : [samples(), outputs()];
  const { runId, taskId } = await world.log(parts);
  const task = stage === "fold" ? taskId : await world.next(taskId);
  const { id: jobId } = await world.job(runId);
  const told = Promise.withResolvers<void>();
  const objects = interrupted(world, kind, async () => {
    await world.admin`select assay.cancel_job(${jobId})`;
  }, () => told.promise);
  const handler = world.handler({ objects });
  const delivery = await world.deliver(task, (lease, report, signal) => {
    signal.addEventListener("abort", () => told.resolve());
    return handler(lease, report, signal);
  });
  assert.equal(delivery.outcome, "lost");
  assert.equal((await world.job(runId)).state, "cancelled");
  assert.deepEqual(await world.review(runId), []);

  await world.admin`
    update assay.jobs set finished_at = now() - interval '11 minutes' where id = ${jobId}`;
  await sweeperOf(world).sweepTasks();
  await sweeperOf(world).sweepObjects();
  if (stage === "fold") {
    assert.equal((await world.admin`select from assay.samples`).length, 0);
  }
  const texts = await world.admin`
    select from assay.samples s where s.content_path like ${`%/${runId}/%`}`;
  const kept = texts.length > 0 ? ["contents", "parts"] : ["parts"];
  assert.deepEqual(foldersOf(world, runId), kept);
  const left = await world.admin`
    select from assay.revisions where run_id = ${runId}`;
  assert.equal(left.length, 0);
}

async function uploadsExpire(world: World) {
  const { admin, projectId } = world;
  const { runId, rows } = await world.score([samples(), outputs()]);
  await admin`update assay.projects set parts_retention_days = 7 where id = ${projectId}`;
  const partsLeft = () =>
    [...world.files.keys()].filter((path) =>
      path.startsWith(`${projectId}/${runId}/parts/`)
    ).length;
  await sweeperOf(world).sweepObjects();
  assert.equal(partsLeft(), 2, "they are young");
  assert.deepEqual(foldersOf(world, runId), ["parts", "revisions", "work"]);
  await admin`update assay.runs set closed_at = now() - interval '8 days' where id = ${runId}`;
  await sweeperOf(world).sweepObjects();
  assert.equal(partsLeft(), 0);
  assert.deepEqual(foldersOf(world, runId), ["revisions"]);
  assert.deepEqual(await world.review(runId), rows);
  const [run] = await admin`
    select parts_removed_at from assay.runs where id = ${runId}`;
  assert.ok(run!.parts_removed_at);

  const [again] = await world.worker`
    select * from assay.enqueue_job(${runId}, 'score_run', 'fold')`;
  assert.equal((await world.deliver(again!.task_id)).outcome, "failed");
  const [job] = await admin`
    select error from assay.jobs where run_id = ${runId} and state = 'failed'`;
  assert.match(job!.error, /its uploads were removed/);
}

async function runsExpire(world: World) {
  const { admin, projectId } = world;
  const old = await world.score([samples(), outputs()]);
  const young = await world.score([samples(), outputs()]);
  const busy = await world.log([samples(), outputs()]);
  await admin`
    update assay.runs set closed_at = now() - interval '100 days' where id = any (${[
    old.runId,
    busy.runId,
  ]})`;
  await sweeperOf(world).sweepObjects();
  const runs = () =>
    admin`select id from assay.runs where project_id = ${projectId} and name not like 'deleted %'`;
  const before = (await runs()).length;
  await admin`update assay.projects set retention_days = 90 where id = ${projectId}`;
  await sweeperOf(world).sweepObjects();
  const ids = (await runs()).map(({ id }) => id);
  assert.equal(ids.length, before - 1);
  assert.ok(ids.includes(busy.runId) && ids.includes(young.runId));
  const [task] = await admin`
    select t.id from assay.tasks t join assay.jobs j on j.id = t.job_id
    where j.job_kind = 'delete_run' and t.state = 'queued' and j.request ->> 'subject_id' = ${old.runId}`;
  await world.finish(task!.id);
  assert.deepEqual(foldersOf(world, old.runId), []);
  assert.deepEqual(await world.review(young.runId), young.rows);

  await world.finish(busy.taskId);
  await sweeperOf(world).sweepObjects();
  assert.ok(!(await runs()).some(({ id }) => id === busy.runId));
}
