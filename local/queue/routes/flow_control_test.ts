import assert from "node:assert/strict";
import { withQueue } from "../testing/world.ts";

Deno.test("flow control bounds what is in flight; without a key messages go at once", async () => {
  await withQueue(async ({ client, url, answers, mostAtOnce, arrival }) => {
    for (let i = 0; i < 3; i++) {
      await client.publish({
        url,
        body: `${i}`,
        flowControl: { key: "worker", parallelism: 1 },
      });
    }
    await arrival(3);
    assert.equal(mostAtOnce(), 1);
    const both = Promise.withResolvers<void>();
    answers.push(
      () => both.promise.then(() => new Response("ok")),
      () => (both.resolve(), new Response("ok")),
    );
    for (let i = 0; i < 2; i++) await client.publish({ url, body: "free" });
    await arrival(5);
    assert.equal(mostAtOnce(), 2);
  });
});

Deno.test("a rate bounds how many start in a period", async () => {
  await withQueue(
    async ({ client, url, received, arrival, forward, idle, settled }) => {
      for (let i = 0; i < 5; i++) {
        await client.publish({
          url,
          body: `${i}`,
          flowControl: { key: "slow", rate: 2, period: "1m" },
        });
      }
      await arrival(2);
      await settled();
      const info = await client.flowControl.get("slow");
      assert.equal(info.rateMax, 2);
      assert.equal(info.rateCount, 2);
      assert.equal(info.ratePeriod, 60);
      assert.equal(info.waitListSize, 3);
      assert.equal(received.length, 2);
      forward(61_000);
      await arrival(4);
      await settled();
      assert.equal(received.length, 4);
      await client.flowControl.resetRate("slow");
      await arrival(5);
      await idle();
      const bodies = received.map((r) => r.body);
      assert.deepEqual(bodies.slice(0, 2).sort(), ["0", "1"]);
      assert.deepEqual(bodies.slice(2, 4).sort(), ["2", "3"]);
      assert.equal(bodies[4], "4");
    },
  );
});

Deno.test("a paused key waits, a resumed one goes on", async () => {
  await withQueue(async ({ client, url, received, arrival, settled }) => {
    await client.flowControl.pause("held");
    await client.publish({
      url,
      body: "held",
      flowControl: { key: "held", parallelism: 3 },
    });
    await client.publish({ url, body: "free" });
    await arrival(1);
    await settled();
    assert.deepEqual(received.map((r) => r.body), ["free"]);
    const paused = await client.flowControl.get("held");
    assert.equal(paused.isPaused, true);
    assert.equal(paused.waitListSize, 1);
    await client.flowControl.resume("held");
    await arrival(2);
    assert.equal((await client.flowControl.get("held")).isPaused, false);
  });
});

Deno.test("pinned values hold against those of messages until they are unpinned", async () => {
  await withQueue(async ({ client, url, idle }) => {
    const publish = (parallelism: number) =>
      client.publish({
        url,
        flowControl: { key: "k", parallelism, rate: 100, period: 60 },
      });
    await publish(5);
    await client.flowControl.pin("k", {
      parallelism: 3,
      rate: 20,
      period: 120,
    });
    await publish(7);
    const pinned = await client.flowControl.get("k");
    assert.equal(pinned.parallelismMax, 3);
    assert.equal(pinned.rateMax, 20);
    assert.equal(pinned.ratePeriod, 120);
    assert.ok(pinned.isPinnedParallelism && pinned.isPinnedRate);
    await client.flowControl.unpin("k", { parallelism: true });
    await publish(9);
    const half = await client.flowControl.get("k");
    assert.equal(half.parallelismMax, 9);
    assert.equal(half.rateMax, 20);
    assert.ok(!half.isPinnedParallelism && half.isPinnedRate);
    await idle();
  });
});

Deno.test("all deliveries together are bounded", async () => {
  await withQueue(
    async ({ client, url, answers, arrival, mostAtOnce, call }) => {
      const open = Promise.withResolvers<void>();
      const slow = () => open.promise.then(() => new Response("ok"));
      answers.push(slow, slow);
      for (let i = 0; i < 4; i++) await client.publish({ url });
      await arrival(2);
      const info = await client.flowControl.getGlobalParallelism();
      assert.deepEqual(info, { parallelismMax: 2, parallelismCount: 2 });
      open.resolve();
      await arrival(4);
      assert.equal(mostAtOnce(), 2);
      assert.deepEqual((await call("GET", "/v2/flowControl")).json, []);
    },
    undefined,
    2,
  );
});

Deno.test("flow control that is not understood is refused with a sentence", async () => {
  await withQueue(async ({ call, url }) => {
    for (
      const [value, sentence] of [
        ["parallelism=0", /invalid flow control value "parallelism=0"/],
        ["period=1m", /neither parallelism nor rate/],
        ["rate=5, period=8d", /invalid flow control value/],
        ["speed=5", /invalid flow control value/],
      ] as const
    ) {
      const answer = await call("POST", `/v2/publish/${url}`, {
        headers: {
          "upstash-flow-control-key": "k",
          "upstash-flow-control-value": value,
        },
      });
      assert.equal(answer.status, 400, value);
      assert.match(String(answer.json.error), sentence);
    }
    const pin = await call("POST", "/v2/flowControl/k/pin?rate=-1");
    assert.equal(pin.status, 400);
    assert.equal((await call("GET", "/v2/flowControl/none")).status, 404);
  });
});
