import assert from "node:assert/strict";
import type { VerdictRequest } from "@shared/types/verdict.ts";
import { ApiError } from "../api/error.ts";
import { createVerdictQueue, type KeyStore } from "./verdict_queue.ts";

class Store implements KeyStore {
  readonly #map = new Map<string, string>();
  isFull = false;
  get length() {
    return this.#map.size;
  }
  key = (i: number) => [...this.#map.keys()][i] ?? null;
  getItem = (key: string) => this.#map.get(key) ?? null;
  removeItem = (key: string) => void this.#map.delete(key);
  setItem(key: string, value: string) {
    if (this.isFull) throw new DOMException("full", "QuotaExceededError");
    this.#map.set(key, value);
  }
}

function verdict(id: string): VerdictRequest {
  return {
    verdict_id: `v-${id}`,
    sample_id: id,
    split: "training",
    verdict: "keep",
    label: null,
    comment: null,
  };
}

function setup(storage = new Store()) {
  const sent: string[][] = [];
  const refused: string[] = [];
  const world = {
    storage,
    sent,
    refused,
    answer: (_ids: string[]): ApiError | null => null,
    delays: [] as number[],
  };
  const queue = createVerdictQueue({
    storage,
    now: () => 1,
    random: () => 0.5,
    send: (runId, verdicts) => {
      const ids = verdicts.map((v) => `${runId}:${v.sample_id}`);
      const error = world.answer(ids);
      if (error) return Promise.reject(error);
      sent.push(ids);
      return Promise.resolve();
    },
    pause: (ms, signal) =>
      new Promise((resolve) => {
        world.delays.push(ms);
        signal.addEventListener("abort", () => resolve());
      }),
    onRefused: ({ request }) => refused.push(request.sample_id),
  });
  return { ...world, world, queue };
}

const away = new ApiError("away", {
  status: 503,
  code: "upstream_unavailable",
});
const bad = new ApiError("no such sample", { status: 404, code: "not_found" });

Deno.test("push() sends in order, one request at a time, runs apart", async () => {
  const { queue, sent, storage } = setup();
  queue.push("r", [verdict("a")]);
  queue.push("r", [verdict("b"), verdict("c")]);
  queue.push("s", [verdict("d")]);
  await queue.settled();
  assert.deepEqual(sent, [["r:a"], ["r:b", "r:c"], ["s:d"]]);
  assert.equal(queue.pending.value, 0);
  assert.equal(storage.length, 0);
});

Deno.test("a server that is away loses nothing, and wake() sends what waits", async () => {
  const { queue, sent, world, storage } = setup();
  world.answer = () => away;
  queue.push("r", [verdict("a")]);
  await queue.settled();
  queue.push("r", [verdict("b")]);
  assert.equal(queue.pending.value, 2);
  assert.equal(queue.trouble.value, away);
  assert.equal(storage.length, 2);
  world.answer = () => null;
  queue.wake();
  await queue.settled();
  assert.deepEqual(sent, [["r:a", "r:b"]]);
  assert.equal(queue.trouble.value, null);
});

Deno.test("waits grow with each failure", async () => {
  const { queue, world } = setup();
  world.answer = () => away;
  queue.push("r", [verdict("a")]);
  await queue.settled();
  assert.deepEqual(world.delays, [400]);
});

Deno.test("a new page finds what the old one could not send, in order", async () => {
  const first = setup();
  first.world.answer = () => away;
  first.queue.push("r", [verdict("a"), verdict("b"), verdict("c")]);
  await first.queue.settled();
  const second = setup(first.storage);
  assert.deepEqual(
    second.queue.waiting("r").map((v) => v.sample_id),
    ["a", "b", "c"],
  );
  await second.queue.settled();
  assert.deepEqual(second.sent, [["r:a", "r:b", "r:c"]]);
});

Deno.test("one refused verdict is handed back, the others are stored", async () => {
  const { queue, sent, refused, world } = setup();
  world.answer = (ids) => ids.includes("r:c") ? bad : null;
  queue.push("r", ["a", "b", "c", "d", "e"].map(verdict));
  await queue.settled();
  assert.deepEqual(refused, ["c"]);
  assert.deepEqual(sent.flat().toSorted(), ["r:a", "r:b", "r:d", "r:e"]);
  assert.equal(queue.pending.value, 0);
});

Deno.test("a full disk is said, and the verdict is sent all the same", async () => {
  const storage = new Store();
  storage.isFull = true;
  const { queue, sent } = setup(storage);
  queue.push("r", [verdict("a")]);
  assert.equal(queue.isVolatile.value, true);
  await queue.settled();
  assert.deepEqual(sent, [["r:a"]]);
  assert.equal(queue.isVolatile.value, false);
});

Deno.test("what is not a verdict in storage is swept, other keys are left alone", () => {
  const storage = new Store();
  storage.setItem("assay.verdict.1.x", "{broken");
  storage.setItem("other", "kept");
  const { queue } = setup(storage);
  assert.equal(queue.pending.value, 0);
  assert.equal(storage.length, 1);
});

Deno.test("thousands at one instant come back in the order they were given", async () => {
  const ids = Array.from({ length: 2_500 }, (_, i) => `s${i}`);
  const first = setup();
  first.world.answer = () => away;
  first.queue.push("r", ids.map(verdict));
  await first.queue.settled();
  const second = setup(first.storage);
  assert.deepEqual(second.queue.waiting("r").map((v) => v.sample_id), ids);
  await second.queue.settled();
  assert.deepEqual(second.sent.flat(), ids.map((id) => `r:${id}`));
});
