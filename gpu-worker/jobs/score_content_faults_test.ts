import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import type { FaultPoint } from "@shared/types/fault.ts";
import type { TaskHandler } from "../runner/lease.ts";
import { createSweeper } from "../store/sweeper.ts";
import { SHARES } from "./stages.ts";
import { withFeatures, withTexts } from "./testing/contents.ts";
import { type Part, type Scored, steal, World } from "./testing/world.ts";

/** What happens to a task before it is completed. */
type Fault = (world: World, taskId: string) => TaskHandler;

const crashAt = (point: FaultPoint): Fault => (world) =>
  world.handler({
    reached: (reached) => {
      if (reached === point) throw new Error(`ended at ${point}`);
    },
  });
const crashAtEnd: Fault = (world) => async (lease, report, signal) => {
  await world.handler()(lease, report, signal);
  throw new Error("ended before it was completed");
};
const stolenAtEnd: Fault = (world, taskId) => async (lease, report, signal) => {
  const outcome = await world.handler()(lease, report, signal);
  await steal(world, taskId);
  return outcome;
};

/** Each fault, by the number of the stage it happens in. */
const FAULTS: readonly [string, number, Fault][] = [
  ["fold, at its end", 0, crashAtEnd],
  ["fold, its lease taken over", 0, stolenAtEnd],
  ["encode, with the views in memory", 1, crashAt("samples_encoded")],
  ["encode, at its end", 1, crashAtEnd],
  ["encode, its lease taken over", 1, stolenAtEnd],
  ["score, with the scores in memory", 2, crashAt("compute_done")],
  ["score, with its rows written", 2, crashAt("results_written")],
  ["score, its lease taken over", 2, stolenAtEnd],
];

for (const engine of testEngines()) {
  Deno.test(`score_run without outputs holds whatever ends it (${engine.name})`, async (t) => {
    const world = await World.create(engine);
    try {
      await restarting(t, world);
      await ending(t, world);
    } finally {
      await world.drop();
    }
  });
}

async function restarting(t: Deno.TestContext, world: World) {
  const parts = (): Part[] => {
    const rows = withFeatures();
    rows.push({ ...rows[4], features: [1, 2, 3, 4, 5, 6] }, {
      id: "x",
      label: 7,
    });
    return [
      { kind: "samples", rows: rows.slice(0, 50), seq: 0 },
      { kind: "samples", rows: rows.slice(50), seq: 1 },
    ];
  };
  const plain = await world.score(parts());
  const messagesOf = ({ problems }: Pick<Scored, "problems">) =>
    problems.map(([message, n]) => [message.replace(/part [\w-]+/, ""), n]);

  for (const [name, stage, fault] of FAULTS) {
    await t.step(
      `leaves the same rows after a restart in ${name}`,
      async () => {
        const { runId, taskId } = await world.log(parts());
        let task = taskId;
        for (let i = 0; i < stage; i++) task = await world.next(task);
        const { outcome } = await world.deliver(task, fault(world, task));
        assert.ok(["requeued", "lost"].includes(outcome), outcome);
        assert.deepEqual(await world.review(runId), []);
        await world.admin`
        update assay.tasks set run_after = now(), lease_until = lease_until - interval '1 hour' where id = ${task}`;
        await world.finish(task);
        assert.deepEqual(await world.review(runId), plain.rows);
        const { summary, problems } = await world.summary(runId);
        assert.deepEqual(summary, plain.summary);
        assert.deepEqual(messagesOf({ problems }), messagesOf(plain));
      },
    );
  }
}

async function ending(t: Deno.TestContext, world: World) {
  await t.step(
    "the sweeper keeps signals and views while a job or a revision may need them",
    async () => {
      const { taskId, runId } = await world.log([
        { kind: "samples", rows: withFeatures() },
      ]);
      const score = await world.next(await world.next(taskId));
      const work = () =>
        [...world.files.keys()].filter((path) =>
          path.startsWith(`${world.projectId}/${runId}/work/`)
        ).map((path) => path.split("/").at(-1)).sort();
      const sweeper = createSweeper(
        world.worker,
        world.objects,
        () => {},
        Date.now,
      );
      await sweeper.sweepObjects();
      assert.deepEqual(work(), ["signals.bin", "views.bin"]);
      await world.finish(score);
      await sweeper.sweepObjects();
      assert.deepEqual(work(), ["signals.bin", "views.bin"]);
      await world
        .admin`update assay.revisions set kept = null where run_id = ${runId}`;
      await sweeper.sweepObjects();
      assert.deepEqual(work(), []);
    },
  );

  await t.step("cancelling a job ends its encoders", async () => {
    const { runId, taskId } = await world.log([{
      kind: "samples",
      rows: withTexts(),
    }]);
    const encodeTask = await world.next(taskId);
    const { id } = await world.job(runId);
    const { outcome } = await world.deliver(
      encodeTask,
      world.handler({
        objects: {
          ...world.objects,
          async download(path) {
            const bytes = await world.objects.download(path);
            if (path.includes("/parts/")) {
              await world.worker`select assay.cancel_job(${id})`;
            }
            return bytes;
          },
        },
        reached: () => assert.fail("the encoders went on to their end"),
      }),
    );
    assert.equal(outcome, "lost");
    assert.equal((await world.job(runId)).state, "cancelled");
    assert.deepEqual(
      [...world.files.keys()].filter((path) =>
        path.includes(runId) && path.includes("views.bin")
      ),
      [],
    );
  });

  await t.step(
    "goes on while it works: progress only grows, the event loop runs",
    async () => {
      const { taskId } = await world.log([{
        kind: "samples",
        rows: withTexts(),
      }]);
      const { fold, encode, score } = SHARES.withoutOutputs;
      let task = taskId;
      for (const [start, end] of [fold, encode, score]) {
        const fractions: number[] = [];
        let ticks = 0;
        const ticking = setInterval(() => ticks++, 10);
        task = await world.next(
          task,
          (lease, report, signal) =>
            world.handler()(lease, (fraction) => {
              fractions.push(fraction);
              report(fraction);
            }, signal),
        );
        clearInterval(ticking);
        assert.deepEqual(fractions, fractions.toSorted((a, b) => a - b));
        assert.ok(fractions[0]! >= start && fractions.at(-1)! <= end + 1e-9);
        if (end === encode[1]) {
          assert.ok(fractions.length > 5, `${fractions}`);
          assert.ok(ticks > 10, `${ticks} ticks`);
        }
      }
    },
  );
}
