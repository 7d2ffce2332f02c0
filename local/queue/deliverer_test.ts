import assert from "node:assert/strict";
import { Client, Receiver } from "@upstash/qstash";
import { createTestDatabase } from "@testing/postgres.ts";
import { KEYS, withQueue } from "./testing/world.ts";

Deno.test("a published message arrives signed, with its body and headers", async () => {
  await withQueue(async ({ client, url, received, arrival }) => {
    const { messageId } = await client.publishJSON({
      url,
      body: { taskId: "ä" },
      headers: { "x-mine": "1" },
    });
    await arrival(1);
    const [delivery] = received;
    assert.equal(delivery!.body, '{"taskId":"ä"}');
    assert.equal(delivery!.headers.get("x-mine"), "1");
    assert.equal(delivery!.headers.get("content-type"), "application/json");
    assert.equal(delivery!.headers.get("upstash-message-id"), messageId);
    assert.equal(delivery!.headers.get("upstash-retried"), "0");
    const verify = (current: string, next: string, body = delivery!.body) =>
      new Receiver({ currentSigningKey: current, nextSigningKey: next })
        .verify({
          signature: delivery!.headers.get("upstash-signature")!,
          body,
          url,
        });
    assert.ok(await verify(KEYS.current, "sig_other"));
    assert.ok(await verify("sig_old", KEYS.current), "as the next key");
    await assert.rejects(verify("sig_old", "sig_other"));
    await assert.rejects(verify(KEYS.current, KEYS.next, "{}"));
  });
});

Deno.test("a failed delivery is retried after the service's back-off, and no earlier", async () => {
  await withQueue(
    async ({ client, url, answers, received, arrival, forward, settled }) => {
      answers.push(() => new Response("", { status: 500 }));
      await client.publish({ url, body: "x", retries: 1 });
      await arrival(1);
      await settled();
      forward(11_000);
      await new Promise((r) => setTimeout(r, 80));
      assert.equal(received.length, 1);
      forward(1_500);
      await arrival(2);
      assert.equal(received[1]!.headers.get("upstash-retried"), "1");
    },
  );
});

Deno.test("Retry-After of the answer sets the next attempt", async () => {
  await withQueue(
    async ({ client, url, answers, arrival, forward, settled }) => {
      answers.push(() =>
        new Response("", { status: 503, headers: { "retry-after": "3" } })
      );
      await client.publish({ url, body: "x" });
      await arrival(1);
      await settled();
      forward(3_100);
      await arrival(2);
    },
  );
});

Deno.test("489 with Upstash-NonRetryable-Error goes to the dead letters at once", async () => {
  await withQueue(async ({ client, url, answers, arrival, settled }) => {
    answers.push(() =>
      new Response("", {
        status: 489,
        headers: { "upstash-nonretryable-error": "true" },
      })
    );
    const { messageId } = await client.publish({ url, body: "x", retries: 5 });
    await arrival(1);
    await settled();
    const { messages } = await client.dlq.listMessages();
    assert.deepEqual(messages.map((m) => m.messageId), [messageId]);
    assert.equal(messages[0]!.responseStatus, 489);
    await client.dlq.delete(messages[0]!.dlqId);
    assert.equal((await client.dlq.listMessages()).messages.length, 0);
  });
});

Deno.test("a delayed message waits, and can be cancelled", async () => {
  await withQueue(async ({ client, url, received, arrival, forward }) => {
    const late = await client.publish({ url, body: "late", delay: 60 });
    const never = await client.publish({ url, body: "never", delay: "1m" });
    assert.equal((await client.messages.get(late.messageId)).url, url);
    await client.messages.cancel(never.messageId);
    forward(61_000);
    await arrival(1);
    await new Promise((r) => setTimeout(r, 80));
    assert.deepEqual(received.map((r) => r.body), ["late"]);
  });
});

Deno.test("a deduplication id makes two publishes one for ten minutes", async () => {
  await withQueue(async ({ client, url, received, arrival, forward }) => {
    const send = () =>
      client.publish({ url, body: "x", deduplicationId: "task-1" });
    const first = await send();
    const second = await send();
    assert.equal(second.messageId, first.messageId);
    assert.equal(second.deduplicated, true);
    forward(601_000);
    const third = await send();
    assert.notEqual(third.messageId, first.messageId);
    await arrival(2);
    assert.equal(received.length, 2);
  });
});

Deno.test("a wrong token is refused", async () => {
  await withQueue(async ({ client, url, received }) => {
    const stranger = new Client({
      baseUrl: (client as unknown as { http: { baseUrl: string } }).http
        .baseUrl,
      token: "other",
    });
    await assert.rejects(stranger.publish({ url, body: "x" }), /unauthorized/);
    assert.equal(received.length, 0);
  });
});

Deno.test("what was in flight when the queue was killed is delivered again", async () => {
  const database = await createTestDatabase();
  const arrivals: string[] = [];
  let onArrival = () => {};
  const target = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      arrivals.push(request.headers.get("upstash-message-id")!);
      onArrival();
      if (arrivals.length === 1) await new Promise(() => {}); // never answers the first
      return new Response("ok");
    },
  );
  const port = freePort();
  const start = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL("./main.ts", import.meta.url).pathname],
      env: {
        DATABASE_URL: database.url("assay_queue"),
        PORT: String(port),
        QSTASH_TOKEN: "token",
        QSTASH_CURRENT_SIGNING_KEY: KEYS.current,
        QSTASH_NEXT_SIGNING_KEY: KEYS.next,
      },
      stderr: "null",
    }).spawn();
  const ready = async () => {
    while (true) {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() =>
        null
      );
      await answer?.body?.cancel();
      if (answer?.ok) return;
      await new Promise((r) => setTimeout(r, 50));
    }
  };
  const arrived = () => new Promise<void>((resolve) => onArrival = resolve);
  let queue = start();
  try {
    await ready();
    const client = new Client({
      baseUrl: `http://127.0.0.1:${port}`,
      token: "token",
    });
    const first = arrived();
    const { messageId } = await client.publish({
      url: `http://127.0.0.1:${target.addr.port}/`,
      body: "x",
    });
    await first;
    queue.kill("SIGKILL");
    await queue.status;
    const second = arrived();
    queue = start();
    await second;
    assert.deepEqual(arrivals, [messageId, messageId]);
    await ready();
  } finally {
    queue.kill("SIGTERM");
    await queue.status;
    const closing = target.shutdown();
    void closing; // the first request never ends by itself
    await database.drop();
  }
});

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

Deno.test("a delivery whose outcome the database did not take happens again", async () => {
  await withQueue(async ({ client, url, store, arrival, settled }) => {
    const settle = store.settle.bind(store);
    let isLost = false;
    store.settle = (...values) => {
      if (isLost) return settle(...values);
      isLost = true;
      return Promise.reject(new Error("read ECONNRESET"));
    };
    const { messageId } = await client.publish({ url, body: "once more" });
    await arrival(2);
    await settled();
    assert.equal((await store.messages.get(messageId))!.state, "DELIVERED");
  });
});

Deno.test("bodies that differ are no duplicates by content, text or not", async () => {
  await withQueue(async ({ client, url, arrival, received }) => {
    for (const byte of [0xfe, 0xff]) {
      const answer = await client.publish({
        url,
        body: new Blob([new Uint8Array([byte])]),
        contentBasedDeduplication: true,
      });
      assert.ok(!("deduplicated" in answer));
    }
    await arrival(2);
    assert.equal(received.length, 2);
  });
});

Deno.test("a destination that takes longer than the timeout is tried again", async () => {
  await withQueue(async ({ client, url, answers, idle, store }) => {
    const open = Promise.withResolvers<Response>();
    answers.push(() => open.promise);
    const { messageId } = await client.publish({ url, timeout: 1, retries: 0 });
    await idle();
    open.resolve(new Response("too late"));
    const message = await store.messages.get(messageId);
    assert.equal(message!.state, "FAILED");
    assert.equal(message!.lastAnswer!.error, "no answer within 1 seconds");
  });
});

Deno.test("a GET has no body, and a signature that says so", async () => {
  await withQueue(async ({ client, url, arrivalOf }) => {
    await client.publish({ url, method: "GET", body: "not sent" });
    const delivery = await arrivalOf(() => true);
    assert.equal(delivery.method, "GET");
    assert.equal(delivery.body, "");
    const receiver = new Receiver({
      currentSigningKey: KEYS.current,
      nextSigningKey: KEYS.next,
    });
    const signature = delivery.headers.get("upstash-signature")!;
    assert.ok(await receiver.verify({ signature, body: "", url }));
  });
});

Deno.test("a redirect is no success, and headers of the connection are not forwarded", async () => {
  await withQueue(async ({ client, url, answers, idle, received, store }) => {
    answers.push(() => Response.redirect(url, 307));
    const { messageId } = await client.publish({
      url,
      body: "x",
      retries: 0,
      headers: { "content-length": "99", host: "elsewhere.test", te: "x" },
    });
    await idle();
    assert.equal(received.length, 1);
    assert.equal(received[0]!.headers.get("host"), new URL(url).host);
    const message = await store.messages.get(messageId);
    assert.equal(message!.lastAnswer!.status, 307);
  });
});

Deno.test("489 without its header is retried as any failure", async () => {
  await withQueue(async ({ client, url, answers, arrival, settled, store }) => {
    answers.push(() => new Response("", { status: 489 }));
    const { messageId } = await client.publish({ url });
    await arrival(1);
    await settled();
    assert.equal((await store.messages.get(messageId))!.state, "ACTIVE");
  });
});

Deno.test("the retry delay of the message sets the next attempt", async () => {
  await withQueue(
    async ({ client, url, answers, arrival, settled, received, forward }) => {
      const fails = () => new Response("", { status: 500 });
      answers.push(fails, fails);
      await client.publish({ url, retryDelay: "5000 * (1 + retried)" });
      await arrival(1);
      await settled();
      forward(5_100);
      await arrival(2);
      await settled();
      forward(5_100);
      await new Promise((r) => setTimeout(r, 80));
      assert.equal(received.length, 2);
      forward(5_000);
      await arrival(3);
    },
  );
});
