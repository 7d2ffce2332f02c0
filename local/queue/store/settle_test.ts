import assert from "node:assert/strict";
import postgres from "postgres";
import { createTestDatabase, testEngines } from "@testing/postgres.ts";
import { PLANS } from "../limits.ts";
import type { Answer, Draft } from "../message.ts";
import { plainSpec } from "../read_spec.ts";
import { KEYS } from "../testing/world.ts";
import { QueueStore } from "./mod.ts";

const URL = "http://a.test/";
const ANSWER: Answer = {
  status: 500,
  headers: {},
  body: new Uint8Array(),
  error: null,
};

function draft(spec: Partial<Draft["spec"]> = {}): Draft {
  return {
    spec: { ...plainSpec(URL, PLANS.free), ...spec },
    url: URL,
    body: new Uint8Array([1]),
    notBeforeMs: 0,
    callerIp: null,
  };
}

const BROKEN = draft({ method: null as never });
const EVERYTHING = {
  dlqIds: null,
  filter: { values: {}, fromMs: null, toMs: null },
  cursor: null,
  count: 100,
};

for (const engine of testEngines()) {
  const test = (
    title: string,
    body: (store: QueueStore, sql: postgres.Sql) => Promise<void>,
  ) =>
    Deno.test(`${title} (${engine.name})`, async () => {
      const database = await createTestDatabase(engine);
      const sql = postgres(database.url("assay_queue"), {
        prepare: false,
        onnotice: () => {},
      });
      try {
        const store = new QueueStore(sql);
        await store.prepare(KEYS, 0);
        await body(store, sql);
      } finally {
        await sql.end();
        await database.drop();
      }
    });

  test("settle(): an outcome and its callbacks are one: neither without the other", async (store) => {
    const [kept] = await store.messages.add([draft()], 0);
    for (const kind of ["delivered", "failed"] as const) {
      const [message] = await store.claim(1, 1, []);
      await assert.rejects(
        store.settle(message!, { kind }, ANSWER, [BROKEN], 1),
        /null value in column "method"/,
      );
      assert.equal((await store.messages.get(kept!.id))!.state, "ACTIVE");
    }
    const [again] = await store.claim(2, 1, []);
    assert.equal(again!.id, kept!.id, "it is delivered again");
    await store.settle(again!, { kind: "failed" }, ANSWER, [draft()], 2);
    const [callback] = await store.claim(3, 1, []);
    assert.notEqual(callback!.id, kept!.id);
  });

  test("settle() writes nothing for an attempt that is no longer the last", async (store) => {
    const [kept] = await store.messages.add([draft()], 0);
    const [stale] = await store.claim(1, 1, []);
    const retry = { kind: "retry", notBeforeMs: 2 } as const;
    await store.settle(stale!, retry, ANSWER, [], 1);
    await store.settle(stale!, { kind: "failed" }, ANSWER, [draft()], 2);
    const message = await store.messages.get(kept!.id);
    assert.equal(message!.state, "ACTIVE");
    assert.equal(message!.retried, 1);
    assert.equal((await store.claim(3, 10, [])).length, 1);
  });

  test("claim() takes a message once, and again only what nobody delivers", async (store) => {
    const kept = await store.messages.add([draft(), draft(), draft()], 0);
    const first = await store.claim(1, 2, []);
    assert.deepEqual(first.map((m) => m.id), [kept[0]!.id, kept[1]!.id]);
    const own = first.map((m) => m.id);
    assert.deepEqual(
      (await store.claim(1, 10, own)).map((m) => m.id),
      [kept[2]!.id],
    );
    const lost = await store.claim(1, 10, [own[0]!]);
    assert.deepEqual(lost.map((m) => m.id), [kept[1]!.id, kept[2]!.id]);
  });

  test("a lost attempt of a message that is to be cancelled ends it", async (store) => {
    const [kept] = await store.messages.add([draft()], 0);
    await store.claim(1, 1, []);
    const { filter } = EVERYTHING;
    assert.equal(await store.messages.cancel(filter, null, 2), 1);
    assert.equal((await store.messages.get(kept!.id))!.state, "ACTIVE");
    await store.prepare(KEYS, 3); // as after a kill
    assert.equal((await store.messages.get(kept!.id))!.state, "CANCELLED");
    const { items } = await store.events.list({
      ...EVERYTHING,
      states: ["CANCEL_REQUESTED", "CANCELLED"],
    });
    assert.equal(items.length, 2);
  });

  test("a dead letter is there until its retry is kept", async (store) => {
    await store.messages.add([draft({ retries: 0 })], 0);
    const [message] = await store.claim(1, 1, []);
    await store.settle(message!, { kind: "failed" }, ANSWER, [], 1);
    await assert.rejects(
      store.deadLetters.retry(EVERYTHING, () => BROKEN, 2),
      /null value in column "method"/,
    );
    assert.equal((await store.deadLetters.list(EVERYTHING)).items.length, 1);
    await store.deadLetters.retry(EVERYTHING, () => draft(), 3);
    assert.equal((await store.deadLetters.list(EVERYTHING)).items.length, 0);
    assert.equal((await store.claim(4, 10, [])).length, 1);
  });

  test("two publishes of one deduplication id at once are one message", async (store) => {
    const once = draft({ dedupId: "once" });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => store.messages.add([once], 0)),
    );
    assert.equal(new Set(answers.map(([one]) => one!.id)).size, 1);
    assert.equal(answers.filter(([one]) => !one!.isDuplicate).length, 1);
  });
}
