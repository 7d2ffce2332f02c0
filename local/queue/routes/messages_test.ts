import assert from "node:assert/strict";
import { withQueue } from "../testing/world.ts";

Deno.test("a message shows what it was published with, until it has ended", async () => {
  await withQueue(async ({ client, url, call, forward, arrival, idle }) => {
    const { messageId } = await client.publishJSON({
      url,
      body: { a: 1 },
      headers: { "x-mine": "1" },
      method: "PUT",
      delay: 60,
      retries: 2,
      retryDelay: "1000 * (1 + retried)",
      callback: `${url}&callback`,
      failureCallback: `${url}&failure`,
      label: ["one", "two"],
      flowControl: { key: "k", parallelism: 2, rate: 3, period: "1m" },
    });
    const { json } = await call("GET", `/v2/messages/${messageId}`);
    const { createdAt, notBefore, ...rest } = json;
    assert.equal(Number(notBefore) - Number(createdAt), 60_000);
    assert.deepEqual(rest, {
      messageId,
      url,
      method: "PUT",
      header: { "Content-Type": ["application/json"], "X-Mine": ["1"] },
      body: '{"a":1}',
      maxRetries: 2,
      retryDelayExpression: "1000 * (1 + retried)",
      callback: `${url}&callback`,
      failureCallback: `${url}&failure`,
      label: "one",
      labels: ["one", "two"],
      flowControlKey: "k",
      parallelism: 2,
      rate: 3,
      period: 60,
      callerIP: "127.0.0.1",
    });
    forward(61_000);
    await arrival(2); // the callback as well
    await idle();
    const ended = await call("GET", `/v2/messages/${messageId}`);
    assert.equal(ended.status, 404);
    assert.deepEqual(ended.json, { error: `message ${messageId} not found` });
  });
});

Deno.test("a body that is no text is shown as base64 and delivered byte by byte", async () => {
  await withQueue(async ({ client, url, store }) => {
    const bytes = new Uint8Array([0xff, 0x00, 0xfe]);
    const { messageId } = await client.publish({
      url,
      body: new Blob([bytes]),
      delay: 60,
    });
    const shown = await client.messages.get(messageId);
    assert.equal(shown.body, undefined);
    assert.equal(shown.bodyBase64, "/wD+");
    assert.deepEqual((await store.messages.get(messageId))!.body, bytes);
  });
});

Deno.test("messages are cancelled by each filter, and by several at once", async () => {
  await withQueue(async ({ client, store }) => {
    const publish = async (url: string, more: Record<string, unknown> = {}) =>
      (await client.publish({ url, delay: 60, ...more })).messageId;
    const [a, b, c, d] = [
      await publish("http://a.test:81/x?q=1", { label: ["l1", "l2"] }),
      await publish("http://b.test/y,z", {
        flowControl: { key: "k", parallelism: 1 },
      }),
      await publish("http://user:pw@c.test", { label: "l2" }),
      (await client.queue({ queueName: "q" }).enqueue({
        url: "http://d.test/x",
        delay: 60,
      })).messageId,
    ];
    const matched = async (filter: Record<string, unknown>) => {
      const query = new URLSearchParams(
        Object.entries(filter).flatMap(([name, value]) =>
          [value].flat().map((v) => [name, String(v)])
        ),
      );
      const { parseFilter } = await import("../store/filter.ts");
      const page = {
        filter: parseFilter(query, [], []),
        states: ["CREATED"],
        cursor: null,
        count: 10,
      };
      const { items } = await store.events.list(page);
      return items.map((e) => e.message.id).reverse();
    };
    const now = Date.now();
    for (
      const [filter, ids] of [
        [{ host: "a.test" }, [a]],
        [{ host: "a.test:81" }, [a]],
        [{ host: ["b.test", "c.test"] }, [b, c]],
        [{ path: "/x" }, [a, d]],
        [{ path: "/" }, [c]],
        [{ url: "http://b.test/y,z" }, [b]],
        [{ label: "l1" }, [a]],
        [{ label: ["l1", "l2"] }, [a, c]],
        [{ label: "l1,l2" }, [a, c]],
        [{ label: "l2", host: "c.test" }, [c]],
        [{ flowControlKey: "k" }, [b]],
        [{ queueName: "q" }, [d]],
        [{ messageIds: [a, d] }, [a, d]],
        [{ callerIp: "127.0.0.1", path: "/x" }, [a, d]],
        [{ callerIP: "10.0.0.1" }, []],
        [{ fromDate: now - 60_000, toDate: now + 60_000 }, [a, b, c, d]],
        [{ toDate: now - 60_000 }, []],
        [{ topicName: "none" }, []],
        [{ scheduleId: "none" }, []],
      ] as const
    ) assert.deepEqual(await matched(filter), ids, JSON.stringify(filter));
    assert.deepEqual(await client.messages.cancel([a!, b!]), { cancelled: 2 });
    const byFilter = await client.messages.cancel({ filter: { label: "l2" } });
    assert.deepEqual(byFilter, { cancelled: 1 });
    assert.deepEqual(await client.messages.cancel({ all: true }), {
      cancelled: 1,
    });
    assert.deepEqual(await client.messages.cancel({ all: true }), {
      cancelled: 0,
    });
  });
});

Deno.test("a count bounds how many are cancelled, the oldest first", async () => {
  await withQueue(async ({ client, url, call }) => {
    const ids = [];
    for (let i = 0; i < 3; i++) {
      ids.push((await client.publish({ url, delay: 60 })).messageId);
    }
    const { cancelled } = await client.messages.cancel({ all: true, count: 2 });
    assert.equal(cancelled, 2);
    assert.equal((await client.messages.get(ids[2]!)).messageId, ids[2]);
    for (const query of ["count=0", "count=501", "count=x", "labeel=a"]) {
      const answer = await call("DELETE", `/v2/messages?${query}`);
      assert.equal(answer.status, 400, query);
    }
    assert.equal((await client.messages.get(ids[2]!)).messageId, ids[2]);
  });
});

Deno.test("a message cancelled in flight is not tried again", async () => {
  await withQueue(async ({ client, url, answers, arrival, idle, store }) => {
    for (const [status, state] of [[500, "CANCELLED"], [200, "DELIVERED"]]) {
      const open = Promise.withResolvers<void>();
      answers.push(() =>
        open.promise.then(() => new Response("", { status: status as number }))
      );
      const arrivals = arrival((await countOf(store)) + 1);
      const { messageId } = await client.publish({ url, failureCallback: url });
      await arrivals;
      await client.messages.cancel(messageId);
      const again = await client.messages.cancel([messageId]);
      assert.equal(again.cancelled, 0, "it is asked for already");
      open.resolve();
      await idle();
      assert.equal((await store.messages.get(messageId))!.state, state);
    }
  });

  async function countOf(store: { events: { list: CallableFunction } }) {
    const page = {
      filter: { values: {}, fromMs: null, toMs: null },
      states: ["ACTIVE"],
      cursor: null,
      count: 100,
    };
    return (await store.events.list(page)).items.length;
  }
});
