import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import type { DeletedSubject } from "../store/deletion_store.ts";
import { createSweeper } from "../store/sweeper.ts";
import { leftovers } from "./testing/leftovers.ts";
import { type Part, World } from "./testing/world.ts";

const N = 30;
const LONG = "ä".repeat(3000);

/** A training of which samples `s<from>` and on hold a long text of their own. */
function training(from = 0): Part[] {
  return [
    {
      kind: "samples",
      rows: Array.from({ length: N }, (_, i) => ({
        id: `s${from + i}`,
        label: i % 2 === 0 ? "spam" : "ham",
        text: `${LONG} number ${from + i}`,
      })),
    },
    ...[0, 1].map((epoch): Part => ({
      kind: "outputs",
      epoch,
      rows: Array.from({ length: N }, (_, i) => ({
        id: `s${from + i}`,
        logits: i % 2 === 0 ? [-1, 1] : [1, -1],
        embedding: [i % 2, i / 100],
      })),
    })),
  ];
}

/** Marks as deleted, as the edge does for somebody who may; the task to deliver. */
async function markDeleted(
  { admin, projectId }: World,
  subject: DeletedSubject,
  id: string,
): Promise<string> {
  await admin`select assay.mark_deleted(${subject}, ${id}, ${projectId})`;
  const [row] = await admin`
    select * from assay.enqueue_deletion(${subject}, ${id}, ${projectId})`;
  return row!.task_id;
}

function sweeperOf(world: World) {
  return createSweeper(world.worker, world.objects, () => {}, Date.now);
}

/** Whole texts of samples, by id, as a reader finds them. */
async function texts(world: World): Promise<Record<string, string>> {
  const rows = await world.admin`
    select sample_id, content_path, content_offset, content_bytes from assay.samples where content_path is not null`;
  return Object.fromEntries(rows.map((row) => {
    const { bytes } = world.files.get(row.content_path)!;
    const start = Number(row.content_offset);
    const text = new TextDecoder().decode(
      bytes.subarray(start, start + row.content_bytes),
    );
    return [row.sample_id, text];
  }));
}

async function judge({ admin, datasetId }: World, sampleId: string) {
  await admin`
    insert into assay.verdicts (dataset_id, sample_id, verdict) values (${datasetId}, ${sampleId}, 'drop')`;
}

for (const engine of testEngines()) {
  Deno.test(`deleting on ${engine.name}`, async (t) => {
    await t.step(
      "a run takes with it what no other run and no verdict needs",
      () => inWorld(engine, runStays),
    );
    await t.step(
      "a run that a job works on: the job ends, and nothing of it is left",
      () => inWorld(engine, busyRun),
    );
    await t.step(
      "a dataset and a project leave nothing in any table or folder",
      () => inWorld(engine, wholeProject),
    );
    await t.step(
      "a worker that is lost at any step changes nothing of the end",
      () => inWorld(engine, lostWorkers),
    );
    await t.step(
      "a worker that is told to stop while texts move leaves each to its sample",
      () => inWorld(engine, stoppedWorker),
    );
    await t.step(
      "a worker that was frozen while its run was deleted writes nothing",
      () => inWorld(engine, lateWorker),
    );
    await t.step(
      "what comes late into the folder of a deleted run is swept",
      () => inWorld(engine, lateObjects),
    );
  });
}

async function inWorld(
  engine: ReturnType<typeof testEngines>[number],
  body: (world: World) => Promise<void>,
) {
  const world = await World.create(engine);
  try {
    await body(world);
  } finally {
    await world.drop();
  }
}

async function runStays(world: World) {
  const first = await world.score(training(0)); // s0 … s29
  const second = await world.score(training(20)); // s20 … s49
  await judge(world, "s3");
  const before = await texts(world);
  await world.finish(await markDeleted(world, "run", first.runId));

  const after = await texts(world);
  assert.deepEqual(
    Object.keys(after).sort(),
    Object.keys(before).filter((id) => id === "s3" || Number(id.slice(1)) >= 20)
      .sort(),
  );
  for (const [id, text] of Object.entries(after)) {
    assert.equal(text, before[id]);
  }
  assert.deepEqual(await world.review(second.runId), second.rows);
  assert.deepEqual(await leftovers(world.admin, world.files, [first.runId]), {
    rows: [],
    objects: [],
  });
  const moved = [...world.files].filter(([path]) => path.includes("/datasets/"))
    .map(([, { bytes }]) => new TextDecoder().decode(bytes)).join("");
  assert.ok(moved.includes("number 25"));
  assert.ok(!moved.includes("number 5"), "a text nobody needs moved along");

  await world.finish(await markDeleted(world, "run", second.runId));
  assert.deepEqual(Object.keys(await texts(world)), ["s3"]);
}

async function stoppedWorker(world: World) {
  const { admin } = world;
  const { runId } = await world.score(training());
  await world.score(training());
  const [row] = await admin`
    select content_path as path from assay.samples where sample_id = 's20'`;
  const other = row!.path.replace("texts-0", "texts-1"); // as those of a large run
  world.files.set(other, world.files.get(row!.path)!);
  await admin`
    update assay.samples set content_path = ${other} where content_path = ${
    row!.path
  } and sample_id > 's2'`;
  const before = await texts(world);
  const task = await markDeleted(world, "run", runId);
  const stopping = new AbortController();
  const step = async <T>(action: Promise<T>): Promise<T> => {
    const done = await action;
    const moved = await admin`
      select from assay.samples where content_path like '%/datasets/%'`;
    if (moved.length > 0) stopping.abort();
    return done;
  };
  const handler = world.deleter("run", world.objects, step);
  const { outcome } = await world.deliver(task, handler, stopping.signal);
  assert.equal(outcome, "requeued");
  const paths = await admin`
    select distinct content_path like '%/datasets/%' as is_moved from assay.samples`;
  assert.equal(paths.length, 2, "one object has moved, one has not");
  await world.finish(task);
  assert.deepEqual(await texts(world), before);
}

async function busyRun(world: World) {
  const { runId, taskId } = await world.log(training());
  const score = await world.next(taskId);
  await world.admin`
    insert into assay.samples (project_id, dataset_id, sample_id, content_hash)
    values (${world.projectId}, ${world.datasetId}, 'of a job that was ended', ${new Uint8Array(
    32,
  )})`;
  const deletion = await markDeleted(world, "run", runId);
  assert.equal((await world.job(runId)).state, "cancelled");
  assert.equal((await world.deliver(score)).outcome, "closed");
  await world.finish(deletion);
  assert.deepEqual(await leftovers(world.admin, world.files, [runId]), {
    rows: [],
    objects: [],
  });
  assert.equal((await world.admin`select from assay.samples`).length, 0);
}

async function wholeProject(world: World) {
  const { admin, projectId, datasetId } = world;
  const { runId } = await world.score(training());
  await world.score(training(10));
  await judge(world, "s1");
  const other = crypto.randomUUID();
  await admin`insert into assay.datasets (id, project_id, name) values (${other}, ${projectId}, 'other')`;
  await admin`
    insert into assay.api_keys (project_id, prefix, secret_hash, name, scopes)
    values (${projectId}, ${"k".repeat(10)}, ${new Uint8Array(
    32,
  )}, 'k', '{read}')`;

  await world.finish(await markDeleted(world, "dataset", datasetId));
  assert.deepEqual(
    await leftovers(admin, world.files, [runId, datasetId]),
    { rows: [], objects: [] },
  );
  assert.equal((await admin`select from assay.samples`).length, 0);

  world.files.set(`${projectId}/exports/x-1/export.tar.gz`, {
    bytes: new Uint8Array(1),
    createdAt: new Date(),
  });
  const task = await markDeleted(world, "project", projectId);
  assert.equal((await world.deliver(task)).outcome, "lost", "its job is gone");
  assert.equal((await world.deliver(task)).outcome, "gone");
  assert.deepEqual(await leftovers(admin, world.files, [projectId]), {
    rows: [],
    objects: [],
  });
}

async function lostWorkers(world: World) {
  const first = await world.score(training(0));
  const second = await world.score(training(20));
  const task = await markDeleted(world, "run", first.runId);
  let [kills, isDone] = [0, false];
  while (!isDone) {
    const allowed = 1 + kills % 3; // a step that is repeated before the next one would never end
    let steps = 0;
    const step = async <T>(action: Promise<T>): Promise<T> => {
      const result = await action;
      if (++steps === allowed) throw new Error("killed"); // after the step, before anything else
      return result;
    };
    const { upload, remove } = world.objects;
    const handler = world.deleter("run", {
      ...world.objects,
      upload: (...given) => step(upload(...given)),
      remove: (...given) => step(remove(...given)),
    }, step);
    await world
      .admin`update assay.tasks set attempts = 0, run_after = now() where id = ${task}`;
    const { outcome } = await world.deliver(task, handler);
    isDone = outcome === "done";
    if (isDone) break;
    assert.equal(outcome, "requeued");
    kills++;
    assert.deepEqual(await world.review(second.runId), second.rows);
    const left = Object.entries(await texts(world));
    for (const [id, text] of left) {
      assert.equal(text, `${LONG} number ${id.slice(1)}`);
    }
  }
  assert.ok(kills >= 8, `${kills} kills`);
  assert.deepEqual(await leftovers(world.admin, world.files, [first.runId]), {
    rows: [],
    objects: [],
  });
  const lost = [...world.files.keys()].filter((path) =>
    path.includes("/datasets/")
  );
  assert.equal(lost.length, 1, `of other attempts: ${lost}`);

  // A job that has used its attempts is asked for again.
  const again = await markDeleted(world, "run", second.runId);
  await world
    .admin`update assay.jobs set state = 'failed', finished_at = now() where request ->> 'subject_id' = ${second.runId}`;
  await world
    .admin`update assay.tasks set state = 'failed' where id = ${again}`;
  await sweeperOf(world).sweepTasks();
  const [resumed] = await world.admin`
    select t.id from assay.tasks t join assay.jobs j on j.id = t.job_id
    where j.request ->> 'subject_id' = ${second.runId} and t.state = 'queued'`;
  await world.finish(resumed!.id);
  await sweeperOf(world).sweepTasks();
  const open = await world
    .admin`select from assay.jobs where state in ('queued', 'running')`;
  assert.equal(open.length, 0);
}

async function lateWorker(world: World) {
  const { runId, taskId } = await world.log(training());
  const { objects } = world;
  let deletion = "";
  const frozen = world.handler({
    objects: {
      ...objects,
      upload: async (...given) => {
        await objects.upload(...given);
        if (deletion !== "") return;
        deletion = await markDeleted(world, "run", runId);
        await world.finish(deletion);
      },
    },
  });
  // Its heart has stopped with it: nobody tells it.
  const delivery = await world.deliver(
    taskId,
    (lease, report) => frozen(lease, report, new AbortController().signal),
  );
  assert.equal(delivery.outcome, "lost");
  await sweeperOf(world).sweepObjects();
  assert.deepEqual(await leftovers(world.admin, world.files, [runId]), {
    rows: [],
    objects: [],
  });
  for (const table of ["samples", "dataset_versions"]) {
    const rows = await world.admin`select from assay.${world.admin(table)}`;
    assert.equal(rows.length, 0, table);
  }
}

async function lateObjects(world: World) {
  const { runId } = await world.score(training());
  await world.finish(await markDeleted(world, "run", runId));
  world.files.set(`${world.projectId}/${runId}/parts/late`, {
    bytes: new Uint8Array(1),
    createdAt: new Date(),
  });
  await sweeperOf(world).sweepObjects();
  assert.equal(world.files.size, 0);
}
