import assert from "node:assert/strict";
import { Receiver } from "@upstash/qstash";
import { KEYS, type Received, withQueue } from "./testing/world.ts";

const isCallback = (r: Received) => r.url.includes("callback");
const isFailure = (r: Received) => r.url.includes("failure");

Deno.test("a callback tells of each attempt, with what was answered", async () => {
  await withQueue(
    async (
      { client, url, answers, arrivalOf, received, settled, forward, idle },
    ) => {
      answers.push(
        () =>
          new Response("not yet", {
            status: 500,
            headers: { "x-why": "because" },
          }),
      );
      const { messageId } = await client.publishJSON({
        url,
        body: { a: "ä" },
        headers: { "x-mine": "1" },
        retries: 2,
        callback: `${url}&callback`,
        label: "l",
      });
      await arrivalOf(isCallback);
      await settled();
      forward(13_000);
      await idle();
      const told = received.filter(isCallback).map((r) => JSON.parse(r.body));
      assert.equal(told.length, 2);
      const [first, second] = told;
      assert.ok(Number(first.notBefore) >= Number(first.createdAt));
      assert.deepEqual(
        { ...first, header: first.header["X-Why"], notBefore: 0, createdAt: 0 },
        {
          status: 500,
          header: ["because"],
          body: btoa("not yet"),
          retried: 0,
          maxRetries: 2,
          sourceMessageId: messageId,
          url,
          method: "POST",
          sourceHeader: {
            "Content-Type": ["application/json"],
            "X-Mine": ["1"],
          },
          sourceBody: "eyJhIjoiw6QifQ==",
          notBefore: 0,
          createdAt: 0,
          callerIP: "127.0.0.1",
        },
      );
      assert.equal(second.status, 200);
      assert.equal(second.body, btoa("ok"));
      assert.equal(second.retried, 1);
      const delivery = received.find(isCallback)!;
      assert.equal(delivery.headers.get("content-type"), "application/json");
      assert.equal(delivery.headers.get("x-mine"), null);
      assert.ok(
        await new Receiver({
          currentSigningKey: KEYS.current,
          nextSigningKey: KEYS.next,
        }).verify({
          signature: delivery.headers.get("upstash-signature")!,
          body: delivery.body,
          url: `${url}&callback`,
        }),
      );
    },
  );
});

Deno.test("a failure callback tells once, when a message has failed for good, and where it lies", async () => {
  await withQueue(
    async (
      { client, url, answers, arrival, received, settled, forward, idle },
    ) => {
      const fails = () => new Response("no", { status: 500 });
      answers.push(fails, fails);
      const { messageId } = await client.publish({
        url,
        body: "x",
        retries: 1,
        failureCallback: `${url}&failure`,
      });
      await arrival(1);
      await settled();
      assert.equal(received.filter(isFailure).length, 0);
      forward(13_000);
      await arrival(3);
      await idle();
      const told = received.filter(isFailure).map((r) => JSON.parse(r.body));
      assert.equal(told.length, 1);
      assert.equal(told[0].sourceMessageId, messageId);
      assert.equal(told[0].retried, 1);
      assert.equal(told[0].maxRetries, 1);
      const { messages } = await client.dlq.listMessages();
      assert.deepEqual(messages.map((m) => m.dlqId), [told[0].dlqId]);
    },
  );
});

Deno.test("a callback has its own method, headers, delay and retries, and fails on its own", async () => {
  await withQueue(
    async (
      { client, url, answers, arrival, received, call, forward, settled, idle },
    ) => {
      const fails = () => new Response("no", { status: 500 });
      answers.push(() => new Response("ok"), fails, fails);
      await call("POST", `/v2/publish/${url}`, {
        body: "x",
        headers: {
          "upstash-retries": "4",
          "upstash-callback": `${url}&callback`,
          "upstash-callback-method": "PUT",
          "upstash-callback-retries": "1",
          "upstash-callback-retry-delay": "1000",
          "upstash-callback-delay": "1m",
          "upstash-callback-timeout": "5s",
          "upstash-callback-label": "cb",
          "upstash-callback-forward-x-secret": "s",
          "upstash-callback-forward-content-type": "text/plain",
        },
      });
      await arrival(1);
      await settled();
      assert.equal(received.length, 1);
      forward(61_000);
      await arrival(2);
      await settled();
      forward(2_000);
      await arrival(3);
      await idle();
      const [, first, second] = received;
      assert.equal(first!.method, "PUT");
      assert.equal(first!.headers.get("x-secret"), "s");
      assert.equal(first!.headers.get("content-type"), "text/plain");
      assert.equal(second!.headers.get("upstash-retried"), "1");
      const { messages } = await client.dlq.listMessages();
      assert.deepEqual(
        messages.map((m) => [m.url, m.label]),
        [[`${url}&callback`, "cb"]],
      );
    },
  );
});

Deno.test("a callback tells of a destination nobody answers at", async () => {
  await withQueue(async ({ client, url, arrivalOf }) => {
    await client.publish({
      url: "http://127.0.0.1:1/",
      retries: 0,
      failureCallback: `${url}&failure`,
    });
    const told = JSON.parse((await arrivalOf(isFailure)).body);
    assert.equal(told.status, 0);
    assert.match(atob(told.body), /error|refused/i);
  });
});

Deno.test("a callback of a URL group says which endpoint it is about", async () => {
  await withQueue(async ({ client, url, arrivalOf }) => {
    await client.urlGroups.addEndpoints({
      name: "g",
      endpoints: [{ name: "one", url }],
    });
    await client.publish({ urlGroup: "g", callback: `${url}&callback` });
    const told = JSON.parse((await arrivalOf(isCallback)).body);
    assert.equal(told.topicName, "g");
    assert.equal(told.endpointName, "one");
  });
});
