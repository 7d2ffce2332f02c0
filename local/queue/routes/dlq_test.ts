import assert from "node:assert/strict";
import { withQueue, type World } from "../testing/world.ts";

/** Publishes messages that fail at once; their ids, in order. */
async function fail(
  { client, url, answers, idle }: World,
  n: number,
  more: (i: number) => Record<string, unknown> = () => ({}),
): Promise<string[]> {
  const ids = [];
  for (let i = 0; i < n; i++) {
    answers.push(() =>
      new Response(`no ${i}`, { status: 500 + i, headers: { "x-why": "w" } })
    );
    const message = { url, body: `${i}`, retries: 0, ...more(i) };
    ids.push((await client.publish(message)).messageId);
    await idle();
  }
  return ids;
}

Deno.test("a failed message is a dead letter with what was answered last", async () => {
  await withQueue(async (world) => {
    const { client, url, call } = world;
    const [id] = await fail(world, 1, () => ({ label: "l", retryDelay: "5" }));
    const { messages, cursor } = await client.dlq.listMessages();
    assert.equal(cursor, undefined);
    const [letter] = messages;
    assert.match(letter!.dlqId, /^\d{13}-\d+$/);
    assert.equal(letter!.messageId, id);
    assert.equal(letter!.url, url);
    assert.equal(letter!.body, "0");
    assert.equal(letter!.responseStatus, 500);
    assert.equal(letter!.responseBody, "no 0");
    assert.deepEqual(letter!.responseHeader!["X-Why"], ["w"]);
    assert.equal(letter!.label, "l");
    assert.equal(letter!.retryDelayExpression, "5");
    const one = await call("GET", `/v2/dlq/${letter!.dlqId}`);
    assert.equal(one.json.messageId, id);
    assert.deepEqual(await client.dlq.delete(letter!.dlqId), { deleted: 1 });
    assert.equal((await client.dlq.listMessages()).messages.length, 0);
    for (const method of ["GET", "DELETE"]) {
      const gone = await call(method, `/v2/dlq/${letter!.dlqId}`);
      assert.equal(gone.status, 404);
      assert.match(String(gone.json.error), /not found/);
    }
    assert.equal((await call("GET", "/v2/dlq/nonsense")).status, 404);
    assert.equal((await client.logs()).logs.length, 4, "its log stays");
  });
});

Deno.test("dead letters are listed newest first, page by page, by filter", async () => {
  await withQueue(async (world) => {
    const { client, call } = world;
    const ids = await fail(world, 5, (i) => ({
      label: i % 2 === 0 ? "even" : ["odd", "all"],
    }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.dlq.listMessages({
        count: 2,
        ...cursor !== undefined && { cursor },
      });
      assert.ok(page.messages.length <= 2);
      seen.push(...page.messages.map((m) => m.messageId));
      cursor = page.cursor;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ids.toReversed());
    const found = async (filter: Record<string, unknown>) =>
      (await client.dlq.listMessages({ filter })).messages
        .map((m) => ids.indexOf(m.messageId)).reverse();
    assert.deepEqual(await found({ label: "odd" }), [1, 3]);
    assert.deepEqual(await found({ label: ["even", "all"] }), [0, 1, 2, 3, 4]);
    assert.deepEqual(await found({ responseStatus: 503 }), [3]);
    assert.deepEqual(await found({ messageId: ids[2] }), [2]);
    assert.deepEqual(await found({ toDate: Date.now() - 60_000 }), []);
    assert.equal(
      (await client.dlq.listMessages({ dlqIds: ["1-1"] })).messages.length,
      0,
    );
    for (
      const query of [
        "host=a",
        "labeel=a",
        "cursor=x",
        "count=101",
        "responseStatus=x",
      ]
    ) assert.equal((await call("GET", `/v2/dlq?${query}`)).status, 400, query);
  });
});

Deno.test("dead letters are removed in bulk, and no more than asked for", async () => {
  await withQueue(async (world) => {
    const { client, call } = world;
    await fail(world, 5, (i) => ({ label: i < 2 ? "a" : "b" }));
    const first = await client.dlq.delete({ all: true, count: 1 });
    assert.equal(first.deleted, 1);
    assert.ok(first.cursor);
    const byLabel = await client.dlq.delete({ filter: { label: "a" } });
    assert.deepEqual(byLabel, { deleted: 2 });
    assert.equal((await call("DELETE", "/v2/dlq?labeel=b")).status, 400);
    const { messages } = await client.dlq.listMessages();
    assert.equal(messages.length, 2);
    const byId = await client.dlq.delete(messages.map((m) => m.dlqId));
    assert.deepEqual(byId, { deleted: 2 });
  });
});

Deno.test("a retried dead letter is a new message, and is one no more", async () => {
  await withQueue(async (world) => {
    const { client, call, received, arrival, store, idle } = world;
    const ids = await fail(world, 3, () => ({ headers: { "x-mine": "1" } }));
    const { messages } = await client.dlq.listMessages();
    const answer = await client.dlq.retry(messages[2]!.dlqId);
    assert.equal(answer.cursor, undefined);
    await arrival(4);
    await idle();
    const again = received[3]!;
    assert.equal(again.body, "0");
    assert.equal(again.headers.get("x-mine"), "1");
    assert.equal(again.headers.get("upstash-retried"), "0");
    const newId = answer.responses[0]!.messageId;
    assert.equal(again.headers.get("upstash-message-id"), newId);
    assert.ok(!ids.includes(newId));
    const one = await call("POST", `/v2/dlq/retry/${messages[1]!.dlqId}`, {
      headers: {
        "upstash-retries": "1",
        "upstash-method": "PUT",
        "upstash-delay": "1h",
      },
    });
    assert.equal(one.status, 201);
    const message = await store.messages.get(String(one.json.messageId));
    assert.equal(message!.spec.method, "PUT");
    assert.equal(message!.spec.retries, 1);
    assert.ok(message!.notBefore.getTime() > Date.now() + 3_500_000);
    const bulk = await call("POST", "/v2/dlq/retry");
    assert.equal(bulk.status, 201);
    assert.equal(bulk.json.cursor, "");
    assert.equal((bulk.json.responses as unknown[]).length, 1);
    assert.equal((await client.dlq.listMessages()).messages.length, 0);
    const gone = await call("POST", `/v2/dlq/retry/${messages[1]!.dlqId}`);
    assert.equal(gone.status, 404);
  });
});

Deno.test("a destination nobody answers at is a dead letter without a status", async () => {
  await withQueue(async ({ client, idle }) => {
    await client.publish({ url: "http://127.0.0.1:1/", retries: 0 });
    await idle();
    const [letter] = (await client.dlq.listMessages()).messages;
    assert.equal(letter!.responseStatus, undefined);
    assert.match(letter!.responseBody!, /error|refused/i);
  });
});

Deno.test("dead letters are kept as long as the plan says", async () => {
  await withQueue(async (world) => {
    const { client, forward, store, now } = world;
    await fail(world, 1);
    forward(2.9 * 86_400_000);
    await store.messages.prune(3, now());
    assert.equal((await client.dlq.listMessages()).messages.length, 1);
    forward(0.2 * 86_400_000);
    await store.messages.prune(3, now());
    assert.equal((await client.dlq.listMessages()).messages.length, 0);
    assert.equal((await client.logs()).logs.length, 0);
  });
});
