import assert from "node:assert/strict";
import { testEngines } from "@testing/postgres.ts";
import type { FaultPoint } from "@shared/types/fault.ts";
import { encodeGraph } from "../graphs/onnx.ts";
import type { Lease, TaskHandler } from "../runner/lease.ts";
import type { Delivery } from "../runner/run_task.ts";
import { createSweeper } from "../store/sweeper.ts";
import { decodeBlock } from "../codecs/inferred_file.ts";
import { MADE, withFeatures } from "./testing/contents.ts";
import { LINEAR, logged, store } from "./testing/stored_models.ts";
import { World } from "./testing/world.ts";

const N = MADE.length;
/** Samples that the model takes at once. */
const BATCH = 16;
const N_BLOCKS = N / BATCH;
/** A block a batch, and all of them in one task. */
const BUSY = { blockMs: 0, taskMs: 3_600_000, loadings: 0 };
/** A block a batch, and a batch a task. */
const SHORT = { blockMs: 0, taskMs: 0, loadings: 0 };

const model = () =>
  encodeGraph({
    ...LINEAR,
    inputs: { x: [BATCH, 6] },
    outputs: { logits: [BATCH, 2], embedding: [BATCH, 6] },
  });

/** Two parts whose border is in the midst of a batch; one sample cannot be used. */
const parts = () => {
  const rows = withFeatures();
  rows[5]!.features = [1, 2];
  return [
    { kind: "samples" as const, rows: rows.slice(0, 30) },
    { kind: "samples" as const, rows: rows.slice(30) },
  ];
};

/** A rescoring that has come to stage `infer`, and what becomes of it. */
class Rescoring {
  /** Blocks that were written, by the place of their first sample. */
  readonly written: number[] = [];
  readonly fractions: number[] = [];

  private constructor(
    readonly world: World,
    readonly runId: string,
    public taskId: string,
  ) {}

  static async begin(
    world: World,
    runId: string,
    modelId: string,
  ): Promise<Rescoring> {
    const [row] = await world.worker`
      select * from assay.enqueue_job(${runId}, 'rescore_run', 'prepare', ${
      world.worker.json({
        settings: null,
        apply_verdicts: true,
        filter: null,
        model_id: modelId,
      })
    })`;
    const taskId = await world.next(row!.task_id, world.rescorer());
    return new Rescoring(world, runId, taskId);
  }

  /** Delivers the task of stage `infer` once; `reached` hears of each point. */
  async deliver(
    inferTimes: typeof BUSY,
    reached: (point: FaultPoint) => Promise<void> | void = () => {},
    around: (handler: TaskHandler) => TaskHandler = (handler) => handler,
    stopping = new AbortController().signal,
  ): Promise<Delivery> {
    const { objects } = this.world;
    const handler = around(this.world.rescorer({
      inferTimes,
      reached,
      objects: {
        ...objects,
        upload: async (path, bytes, type) => {
          if (path.includes("-blocks/")) {
            assert.ok(!this.world.files.has(path), "a block is written once");
            this.written.push(decodeBlock(bytes.slice()).from);
          }
          await objects.upload(path, bytes, type);
        },
      },
    }));
    return await this.world.deliver(
      this.taskId,
      (lease, report, signal) =>
        handler(lease, (fraction) => {
          this.fractions.push(fraction);
          report(fraction);
        }, signal),
      stopping,
    );
  }

  /** Goes on to the end, in one task a stage. */
  async finish(): Promise<void> {
    const delivery = await this.deliver(BUSY);
    assert.equal(
      delivery.outcome,
      "done",
      String((delivery as never)["error"]),
    );
    assert.ok(delivery.outcome === "done");
    await this.world.finish(delivery.taskIds[0]!);
  }

  async task() {
    const [row] = await this.world
      .admin`select * from assay.tasks where id = ${this.taskId}`;
    return row!;
  }

  /** Makes the task ready at once, as time would. */
  async ready(): Promise<void> {
    await this.world
      .admin`update assay.tasks set run_after = now() where id = ${this.taskId}`;
  }

  /** Blocks that lie there. */
  files(): string[] {
    return [...this.world.files.keys()].filter((path) =>
      path.includes(`${this.taskId}-blocks/`)
    );
  }

  /** Everything that people see. */
  async seen() {
    const rows = await this.world.review(this.runId);
    const { summary, problems } = await this.world.summary(this.runId);
    const partless = problems.map(([message, n]) => [
      message.replace(/part [0-9a-f-]+/, "part"),
      n,
    ]);
    return { rows, summary, problems: partless };
  }
}

/** The lease runs out, and no heartbeat comes in between. */
async function lose({ world, taskId }: Rescoring): Promise<void> {
  await world.admin`
    update assay.tasks set lease_until = now() - interval '1 s', lease_token = gen_random_uuid() where id = ${taskId}`;
}

/** What a killed process does after a point: nothing. */
async function die(own: Rescoring): Promise<never> {
  await lose(own);
  throw new Error("killed");
}

for (const [i, engine] of testEngines().entries()) {
  Deno.test(`stage infer goes on after what was done on ${engine.name}`, async (t) => {
    const world = await World.create(engine);
    try {
      const modelId = await store(world, model());
      const begin = async () => {
        const { runId } = await world.score(parts());
        return await Rescoring.begin(world, runId, modelId);
      };
      const calm = await begin();
      await calm.finish();
      const expected = await calm.seen();
      assert.equal(expected.problems.length, 1);
      const every = Array.from({ length: calm.written.length }, (_, b) => b);
      assert.ok(every.length >= N_BLOCKS);
      const steps = { t, begin, expected, starts: calm.written };
      await killed(steps);
      await yielded(steps);
      if (i > 0) return; // the rest asks nothing more of the database
      await stopped(steps);
      await overtaken(steps);
      await damaged(steps);
      await cancelled(steps);
      await changed(steps);
      await refused(t, world, modelId);
    } finally {
      await world.drop();
    }
  });
}

interface Steps {
  readonly t: Deno.TestContext;
  readonly begin: () => Promise<Rescoring>;
  readonly expected: Awaited<ReturnType<Rescoring["seen"]>>;
  /** Where blocks begin of a task that nobody disturbs. */
  readonly starts: readonly number[];
}

async function killed({ t, begin, expected, starts }: Steps) {
  await t.step(
    "a worker killed more often than a task has attempts loses no block that was noted",
    async () => {
      const own = await begin();
      for (let kill = 0; kill < starts.length; kill++) {
        const { outcome } = await own.deliver(BUSY, async (point) => {
          if (point === "infer_block_noted") await die(own);
        });
        assert.equal(outcome, "lost");
      }
      assert.ok(starts.length > 5, "more than the attempts of a task");
      await own.finish();
      assert.deepEqual(own.written, starts, "each block once");
      assert.deepEqual(await own.seen(), expected);
      const fraction = own.fractions;
      assert.deepEqual(fraction, fraction.toSorted((a, b) => a - b));
      const [swept] = await own.world.worker`select * from assay.sweep()`;
      assert.equal(swept!.failed, 0);
    },
  );

  await t.step(
    "a block that was written and not noted is made again, and counts once",
    async () => {
      const own = await begin();
      let n = 0;
      await own.deliver(BUSY, async (point) => {
        if (point === "infer_block_written" && ++n === 2) await die(own);
      });
      await own.finish();
      assert.deepEqual(own.written, [
        ...starts.slice(0, 2),
        ...starts.slice(1),
      ]);
      assert.deepEqual(await own.seen(), expected);
    },
  );

  await t.step(
    "a worker that is lost again and again without a step fails the job",
    async () => {
      const own = await begin();
      for (let attempt = 1; attempt <= 5; attempt++) {
        await own.deliver(BUSY, async (point) => {
          if (point === "infer_block_written") await die(own);
        });
      }
      const [swept] = await own.world.worker`select * from assay.sweep()`;
      assert.equal(swept!.failed, 1);
    },
  );
}

async function yielded({ t, begin, expected, starts }: Steps) {
  await t.step(
    "a task gives its turn away when its time is over, and no attempt is counted",
    async () => {
      const own = await begin();
      let turns = 0;
      let last: Delivery;
      do {
        last = await own.deliver(SHORT);
        turns++;
        const [job] = await own.world.admin`
          select j.state, j.stage from assay.jobs j join assay.tasks t on t.job_id = j.id where t.id = ${own.taskId}`;
        assert.equal(job!.state, "running");
        if (last.outcome === "done") break;
        assert.equal(last.outcome, "requeued");
        assert.equal((await own.task()).attempts, 0);
        const [rung] = await own.world.admin`
          select count(*)::int as n from assay.outbox where task_id = ${own.taskId}`;
        assert.equal(rung!.n, 1 + turns, "its doorbell is rung again");
      } while (turns < 100);
      assert.ok(last.outcome === "done");
      assert.equal(turns, starts.length);
      assert.deepEqual(own.written, starts, "each block once");
      assert.deepEqual(
        own.fractions,
        own.fractions.toSorted((a, b) => a - b),
      );
      await own.world.finish(last.taskIds[0]!);
      assert.deepEqual(await own.seen(), expected);
    },
  );
}

async function stopped({ t, begin, expected, starts }: Steps) {
  await t.step(
    "a worker that is told to stop gives the task back, and the next goes on",
    async () => {
      const own = await begin();
      const stopping = new AbortController();
      const { outcome } = await own.deliver(
        BUSY,
        (point) => {
          if (point === "infer_block_noted" && own.written.length === 2) {
            stopping.abort();
          }
        },
        (handler) => handler,
        stopping.signal,
      );
      assert.equal(outcome, "requeued");
      assert.equal((await own.task()).attempts, 0);
      assert.equal(own.written.length, 2);
      await own.finish();
      assert.deepEqual(own.written, starts, "each block once");
      assert.deepEqual(await own.seen(), expected);
    },
  );
}

async function overtaken({ t, begin, expected }: Steps) {
  await t.step(
    "a worker that was overtaken notes nothing, and what it wrote counts for nothing",
    async () => {
      const own = await begin();
      let n = 0;
      const first = await own.deliver(BUSY, async (point) => {
        if (point !== "infer_block_written" || ++n !== 2) return;
        await lose(own);
        await own.finish(); // another worker, to the end
      });
      assert.equal(first.outcome, "lost");
      assert.deepEqual(await own.seen(), expected);
    },
  );
}

async function damaged({ t, begin, expected, starts }: Steps) {
  for (const what of ["gone", "damaged"]) {
    await t.step(
      `blocks from one on that is ${what} are made anew`,
      async () => {
        const own = await begin();
        await own.deliver(BUSY, async (point) => {
          if (point === "infer_block_noted" && own.written.length === 3) {
            await die(own);
          }
        });
        const second = own.files()[1]!;
        if (what === "gone") own.world.files.delete(second);
        else own.world.files.get(second)!.bytes.fill(7, -20);
        const { outcome } = await own.deliver(BUSY);
        assert.equal(outcome, "requeued");
        await own.ready();
        await own.finish();
        assert.deepEqual(own.written, [...starts, ...starts.slice(1)]);
        assert.deepEqual(await own.seen(), expected);
      },
    );
  }
}

async function cancelled({ t, begin, starts }: Steps) {
  await t.step(
    "a job that is cancelled in the middle stops, and its blocks are swept",
    async () => {
      const own = await begin();
      const { world } = own;
      const before = await own.seen();
      const seen: Lease[] = [];
      const { outcome } = await own.deliver(
        BUSY,
        async (point) => {
          if (point !== "infer_block_noted" || own.written.length !== 2) return;
          await world.worker`
            select assay.cancel_job(t.job_id) from assay.tasks t where t.id = ${own.taskId}`;
        },
        (handler) => (lease, report, signal) => {
          seen.push(lease);
          return handler(lease, report, signal);
        },
      );
      assert.equal(outcome, "lost");
      assert.equal(seen.length, 1);
      assert.ok(own.written.length < starts.length, "it stopped");
      assert.ok(own.files().length >= 2);
      assert.deepEqual(await own.seen(), before);
      await createSweeper(world.worker, world.objects, () => {}, Date.now)
        .sweepObjects();
      assert.deepEqual(own.files(), []);
    },
  );
}

async function changed({ t, begin, expected, starts }: Steps) {
  await t.step(
    "blocks of another version, or of other samples, are not gone on from",
    async () => {
      const own = await begin();
      await own.deliver(SHORT);
      await own.world.admin`
        update assay.tasks set payload = jsonb_set(payload, '{inferred,key}', '"another"') where id = ${own.taskId}`;
      await own.finish();
      assert.deepEqual(own.written, [starts[0], ...starts]);
      assert.deepEqual(await own.seen(), expected);
    },
  );
}

async function refused(t: Deno.TestContext, world: World, modelId: string) {
  await t.step(
    "batches that are refused whole come into blocks of their own, and the task gives its turn away among them",
    async () => {
      const isUsed = (i: number) => [0, 3].includes(Math.floor(i / BATCH));
      const rows = withFeatures().map(({ features, ...row }, i) =>
        isUsed(i) ? { ...row, features } : row
      );
      const begin = async () => {
        const { runId } = await world.score([
          { kind: "samples", rows },
          { kind: "outputs", rows: logged(["logits"]) },
        ]);
        return await Rescoring.begin(world, runId, modelId);
      };
      const whole = await begin();
      const times = { ...BUSY, blockMs: 3_600_000 };
      const delivery = await whole.deliver(times);
      assert.ok(delivery.outcome === "done");
      assert.deepEqual(whole.written, [0]);
      await world.finish(delivery.taskIds[0]!);

      const own = await begin();
      const starts = Array.from({ length: N_BLOCKS }, (_, i) => i * BATCH);
      for (const [i, start] of starts.slice(0, -1).entries()) {
        assert.equal((await own.deliver(SHORT)).outcome, "requeued");
        assert.deepEqual([own.written.length, own.written[i]], [i + 1, start]);
      }
      await own.finish();
      assert.deepEqual(own.written, starts, "each block once");
      const seen = await own.seen();
      assert.deepEqual(seen, await whole.seen());
      assert.deepEqual(seen.problems.map(([, n]) => n), [3 * BATCH]);
    },
  );
}
