import assert from "node:assert/strict";
import { createLogger } from "../log.ts";
import { CALLERS } from "../testing/fakes.ts";
import { createRelay } from "./relay.ts";

function make(broken: "claim" | "ring" | "mark" | null = null) {
  const logged: string[] = [];
  const rung: [string, number][] = [];
  const marked: string[][] = [];
  const fail = (where: string) => {
    if (broken === where) throw new Error(`${where} is down`);
  };
  const relay = createRelay({
    outbox: {
      claim: (_, taskIds) => {
        fail("claim");
        return Promise.resolve(
          taskIds.map((taskId, i) => ({
            outboxId: String(i),
            taskId,
            delaySeconds: i,
          })),
        );
      },
      markSent: (_, ids) => {
        fail("mark");
        marked.push([...ids]);
        return Promise.resolve();
      },
    },
    ring: (taskId, delay) => {
      if (taskId === "b") fail("ring");
      rung.push([taskId, delay]);
      return Promise.resolve();
    },
  });
  const log = createLogger((line) => logged.push(line), () => new Date(0));
  return {
    run: (ids: string[]) => relay(CALLERS.viewer!, ids, log),
    logged,
    rung,
    marked,
  };
}

Deno.test("relay rings for each task with its delay, and notes it", async () => {
  const { run, rung, marked } = make();
  await run(["a", "b"]);
  assert.deepEqual(rung, [["a", 0], ["b", 1]]);
  assert.deepEqual(marked, [["0", "1"]]);
});

Deno.test("relay notes only what was rung, and never throws", async () => {
  const { run, marked, logged } = make("ring");
  await run(["a", "b", "c"]);
  assert.deepEqual(marked, [["0", "2"]]);
  assert.match(logged[0]!, /doorbell_not_rung.*"task_id":"b"/);
  for (const broken of ["claim", "mark"] as const) {
    const other = make(broken);
    await other.run(["a"]);
    assert.match(other.logged[0]!, /outbox_not_relayed/);
  }
});

Deno.test("relay does nothing without a task", async () => {
  const { run, logged } = make("claim");
  await run([]);
  assert.deepEqual(logged, []);
});
