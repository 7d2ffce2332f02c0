import assert from "node:assert/strict";
import { withQueue } from "../testing/world.ts";

const fails = () => new Response("no", { status: 500 });

Deno.test("a queue delivers in order, one after the other, over retries", async () => {
  await withQueue(
    async (
      {
        client,
        url,
        answers,
        received,
        arrival,
        forward,
        settled,
        idle,
        mostAtOnce,
      },
    ) => {
      const queue = client.queue({ queueName: "q" });
      answers.push(fails);
      for (const body of ["a", "b", "c"]) {
        await queue.enqueue({ url, body, retryDelay: "60000" });
      }
      await arrival(1);
      await settled();
      assert.equal((await queue.get()).lag, 3);
      assert.deepEqual(received.map((r) => r.body), ["a"]);
      forward(61_000);
      await arrival(4);
      await idle();
      assert.deepEqual(received.map((r) => r.body), ["a", "a", "b", "c"]);
      assert.equal(mostAtOnce(), 1);
      assert.equal((await queue.get()).lag, 0);
    },
  );
});

Deno.test("a queue goes on when its head has failed for good or is cancelled", async () => {
  await withQueue(
    async ({ client, url, answers, arrival, received, settled }) => {
      const queue = client.queue({ queueName: "q" });
      answers.push(fails, fails);
      await queue.enqueue({ url, body: "fails", retries: 0 });
      const { messageId } = await queue.enqueue({ url, body: "waits" });
      await queue.enqueue({ url, body: "last" });
      await arrival(2);
      await settled();
      await client.messages.cancel(messageId);
      await arrival(3);
      assert.deepEqual(received.map((r) => r.body), ["fails", "waits", "last"]);
    },
  );
});

Deno.test("a queue waits for the callbacks of its head", async () => {
  await withQueue(
    async ({ client, url, answers, arrival, received, settled, forward }) => {
      const queue = client.queue({ queueName: "q" });
      answers.push(() => new Response("done"), fails);
      await queue.enqueue({
        url,
        body: "first",
        callback: `${url}&callback`,
        retryDelay: "60000",
      });
      await queue.enqueue({ url, body: "second" });
      await arrival(2);
      await settled();
      assert.equal(received.length, 2);
      assert.equal(received[1]!.url, `${url}&callback`);
      forward(61_000);
      await arrival(4);
      assert.equal(received[2]!.url, `${url}&callback`);
      assert.equal(received[3]!.body, "second");
    },
  );
});

Deno.test("a queue's parallelism bounds it, and its pause holds it", async () => {
  await withQueue(
    async (
      { client, url, answers, arrival, received, mostAtOnce, idle, settled },
    ) => {
      const queue = client.queue({ queueName: "wide" });
      await queue.upsert({ parallelism: 2, paused: true });
      for (const body of ["a", "b", "c", "d"]) {
        await queue.enqueue({ url, body });
      }
      await client.publish({ url, body: "free" });
      await arrival(1);
      await settled();
      assert.deepEqual(received.map((r) => r.body), ["free"]);
      const both = Promise.withResolvers<void>();
      answers.push(
        () => both.promise.then(() => new Response("ok")),
        () => (both.resolve(), new Response("ok")),
      );
      await queue.resume();
      await arrival(5);
      await idle();
      assert.equal(mostAtOnce(), 2);
      await queue.pause();
      const shown = await queue.get();
      assert.deepEqual(
        { ...shown, createdAt: 0, updatedAt: 0 },
        {
          name: "wide",
          parallelism: 2,
          lag: 0,
          paused: true,
          createdAt: 0,
          updatedAt: 0,
        },
      );
      assert.ok(shown.updatedAt >= shown.createdAt);
    },
  );
});

Deno.test("a delayed message of a queue holds back none before its time", async () => {
  await withQueue(async ({ client, url, arrival, received, forward, idle }) => {
    const queue = client.queue({ queueName: "q" });
    await queue.enqueue({ url, body: "late", delay: 60 });
    await queue.enqueue({ url, body: "now" });
    await arrival(1);
    await idle();
    forward(61_000);
    await arrival(2);
    assert.deepEqual(received.map((r) => r.body), ["now", "late"]);
  });
});

Deno.test("a removed queue takes its messages along", async () => {
  await withQueue(async ({ client, url, call }) => {
    const queue = client.queue({ queueName: "gone" });
    await queue.upsert({ paused: true });
    const { messageId } = await queue.enqueue({ url, body: "x" });
    await queue.delete();
    assert.deepEqual(await queue.list(), []);
    assert.equal((await call("GET", `/v2/messages/${messageId}`)).status, 404);
    const { logs } = await client.logs({ messageIds: [messageId] });
    assert.equal(logs[0]!.state, "CANCELLED");
    assert.equal((await call("GET", "/v2/queues/gone")).status, 404);
    assert.equal((await call("POST", "/v2/queues/gone/pause")).status, 404);
  });
});

Deno.test("queues the plan does not allow are refused", async () => {
  await withQueue(async ({ call, client, url }) => {
    const put = (queue: Record<string, unknown>) =>
      call("POST", "/v2/queues", { body: JSON.stringify(queue) });
    assert.equal((await put({ queueName: "a b" })).status, 400);
    assert.equal((await put({})).status, 400);
    assert.equal((await put({ queueName: "a", parallelism: 0 })).status, 400);
    const wide = await put({ queueName: "a", parallelism: 3 });
    assert.equal(wide.status, 412);
    assert.equal(
      wide.json.error,
      "quota maxParallelism exceeded, current limit: 2",
    );
    for (let i = 0; i < 10; i++) await put({ queueName: `q${i}` });
    assert.equal((await put({ queueName: "q10" })).status, 412);
    assert.equal((await put({ queueName: "q9" })).status, 200, "it is there");
    await assert.rejects(
      client.queue({ queueName: "q10" }).enqueue({ url }),
      /quota maxQueueCount exceeded, current limit: 10/,
    );
  });
});
