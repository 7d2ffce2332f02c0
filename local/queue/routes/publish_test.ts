import assert from "node:assert/strict";
import { Client } from "@upstash/qstash";
import { PLANS } from "../limits.ts";
import { withQueue } from "../testing/world.ts";

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

Deno.test("content-based deduplication looks at destination, body, content type and forwarded headers", async () => {
  await withQueue(async ({ client, url, forward }) => {
    const publish = async (
      body: string,
      headers: Record<string, string> = {},
      to = url,
    ) =>
      (await client.publish({
        url: to,
        body,
        headers,
        delay: 60,
        contentBasedDeduplication: true,
      })).deduplicated ?? false;
    assert.equal(await publish("a"), false);
    assert.equal(await publish("a"), true);
    assert.equal(await publish("b"), false);
    assert.equal(await publish("a", { "x-mine": "1" }), false);
    assert.equal(await publish("a", { "content-type": "text/csv" }), false);
    assert.equal(await publish("a", {}, `${url}&b=1`), false);
    forward(599_000);
    assert.equal(await publish("a"), true);
    forward(2_000);
    assert.equal(await publish("a"), false);
  });
});

Deno.test("a duplicate is answered 202", async () => {
  await withQueue(async ({ call, url }) => {
    const publish = () =>
      call("POST", `/v2/publish/${url}`, {
        headers: { "upstash-deduplication-id": "one" },
      });
    const [first, second] = [await publish(), await publish()];
    assert.equal(first.status, 200);
    assert.equal(second.status, 202);
    assert.deepEqual(second.json, { ...first.json, deduplicated: true });
  });
});

Deno.test("a destination arrives as it was written", async () => {
  await withQueue(async ({ client, url, arrivalOf }) => {
    const to = `${url.replace("hook", "a//b/%2F%20c")}&y=%20z&q=a+b`;
    await client.publish({ url: to, body: "x" });
    assert.equal((await arrivalOf(() => true)).url, to);
  });
});

Deno.test("a destination that is neither URL nor group is refused with a sentence", async () => {
  await withQueue(async ({ call }) => {
    for (
      const [to, status, sentence] of [
        ["no-group", 404, /url group "no-group" not found/],
        ["ftp://example.com/", 400, /invalid scheme/],
        ["https%3A%2F%2Fexample.com", 400, /invalid scheme/],
        ["http://", 400, /is no URL/],
        ["api/llm", 400, /invalid scheme/],
      ] as const
    ) {
      const answer = await call("POST", `/v2/publish/${to}`);
      assert.equal(answer.status, status, to);
      assert.match(String(answer.json.error), sentence);
    }
  });
});

Deno.test("the token may come in the query, which is then not the destination's", async () => {
  await withQueue(async ({ baseUrl, url, arrivalOf }) => {
    const publish = (token: string) =>
      fetch(`${baseUrl}/v2/publish/${url}&qstash_token=${token}&b=2`, {
        method: "POST",
      });
    const refused = await publish("other");
    assert.equal(refused.status, 401);
    assert.deepEqual(await refused.json(), { error: "unauthorized" });
    await (await publish("token")).body?.cancel();
    assert.equal((await arrivalOf(() => true)).url, `${url}&b=2`);
  });
});

Deno.test("a message to a URL group goes to each endpoint", async () => {
  await withQueue(async ({ client, url, arrival, received, store }) => {
    await client.urlGroups.addEndpoints({
      name: "both",
      endpoints: [{ name: "one", url: `${url}&n=1` }, { url: `${url}&n=2` }],
    });
    const publish = () =>
      client.publishJSON({
        urlGroup: "both",
        body: { a: 1 },
        deduplicationId: "once",
      });
    const answers = await publish();
    assert.deepEqual(answers.map((a) => a.url), [`${url}&n=1`, `${url}&n=2`]);
    await arrival(2);
    assert.deepEqual(
      received.map((r) => r.url).sort(),
      [`${url}&n=1`, `${url}&n=2`],
    );
    assert.equal(received[0]!.headers.get("upstash-topic-name"), "both");
    const message = await store.messages.get(answers[0]!.messageId);
    assert.equal(message!.topicName, "both");
    assert.equal(message!.endpointName, "one");
    assert.deepEqual(
      (await publish()).map((a) => [a.messageId, a.deduplicated]),
      answers.map((a) => [a.messageId, true]),
    );
  });
});

Deno.test("a batch answers each entry, and one that is wrong stops no other", async () => {
  await withQueue(async ({ client, url, call, arrival, received }) => {
    await client.urlGroups.addEndpoints({ name: "g", endpoints: [{ url }] });
    const answers = await client.batchJSON([
      { url, body: { n: 1 }, headers: { "x-mine": "1" } },
      { url: "nowhere", body: {} },
      { urlGroup: "g", body: { n: 2 } },
      { url, body: { n: 3 }, queueName: "q" },
    ]) as unknown as [
      { messageId: string },
      { error: string },
      { messageId: string; url: string }[],
      { messageId: string },
    ];
    assert.match(answers[0].messageId, /^msg_/);
    assert.match(answers[1].error, /"nowhere" not found/);
    assert.equal(answers[2][0]!.url, url);
    await arrival(3);
    assert.deepEqual(
      received.map((r) => r.body).sort(),
      ['{"n":1}', '{"n":2}', '{"n":3}'],
    );
    assert.equal(
      received.find((r) => r.body === '{"n":1}')!.headers.get("x-mine"),
      "1",
    );
    for (
      const body of ["", "{}", "nonsense"]
    ) assert.equal((await call("POST", "/v2/batch", { body })).status, 400);
    const odd = await call("POST", "/v2/batch", {
      body: JSON.stringify([
        null,
        { destination: url, body: { not: "text" } },
        { destination: url, headers: { "a b": "c" } },
      ]),
    });
    assert.deepEqual(
      (odd.json as unknown as { error: string }[]).map((a) => a.error),
      [
        "invalid batch entry: destination is no text",
        "invalid batch entry: body is no text",
        "invalid batch entry: headers are no headers",
      ],
    );
  });
});

Deno.test("what the plan does not allow is refused as the service does", async () => {
  await withQueue(async ({ call, client, url, now }) => {
    const publish = (headers: Record<string, string>, body = "") =>
      call("POST", `/v2/publish/${url}`, { headers, body });
    const inEightDays = Math.floor(now() / 1000) + 8 * 86_400;
    for (
      const [headers, body, error] of [
        [
          {},
          "x".repeat(1_048_577),
          "maxMessageSize exceeded, current limit: 1048576",
        ],
        [
          { "upstash-delay": "8d" },
          "",
          "maxDelay exceeded, current limit: 604800",
        ],
        [
          { "upstash-not-before": `${inEightDays}` },
          "",
          "maxDelay exceeded, current limit: 604800",
        ],
        [
          { "upstash-retries": "6" },
          "",
          "maxRetries exceeded, current limit: 5",
        ],
      ] as const
    ) {
      const answer = await publish(headers, body);
      assert.equal(answer.status, 412);
      assert.equal(answer.json.error, `quota ${error}`);
    }
    await client.publish({ url, body: "x".repeat(1_048_576), delay: "7d" });
  });
});

Deno.test("a paid plan allows more", async () => {
  await withQueue(async ({ client, url }) => {
    await client.publish({
      url,
      body: "x".repeat(2_000_000),
      delay: "364d",
      retries: 20,
    });
  }, PLANS.payg);
});

Deno.test("a header that is not understood is refused with a sentence", async () => {
  await withQueue(async ({ call, url }) => {
    for (
      const [name, value] of [
        ["upstash-method", "BREW"],
        ["upstash-delay", "soon"],
        ["upstash-not-before", "tomorrow"],
        ["upstash-retries", "-1"],
        ["upstash-retry-delay", "retried +"],
        ["upstash-timeout", "1 week"],
        ["upstash-callback", "example.com"],
        ["upstash-failure-callback", "ftp://example.com"],
        ["upstash-callback-retries", "many"],
        ["upstash-redact-fields", "everything"],
        ["upstash-queue-name", "a b"],
      ] as const
    ) {
      const headers = {
        ...name.startsWith("upstash-callback-") && { "upstash-callback": url },
        [name]: value,
      };
      const answer = await call("POST", `/v2/publish/${url}`, { headers });
      assert.equal(answer.status, 400, name);
      assert.match(String(answer.json.error), /invalid|queue name/, name);
    }
  });
});

Deno.test("redacted fields are shown as hashes and delivered as they are", async () => {
  await withQueue(async ({ client, url, arrival, received, idle }) => {
    const { messageId } = await client.publish({
      url,
      body: "secret",
      headers: { "x-key": "hidden", "x-open": "seen" },
      redact: { body: true, header: ["X-Key"] },
      delay: 60,
    });
    const shown = await client.messages.get(messageId);
    const sha256 =
      "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    assert.equal(shown.body, `REDACTED:${sha256}`);
    assert.match(shown.header!["X-Key"]![0]!, /^REDACTED:[0-9a-f]{64}$/);
    assert.deepEqual(shown.header!["X-Open"], ["seen"]);
    const { logs } = await client.logs({ messageIds: [messageId] });
    assert.equal(logs[0]!.body, `REDACTED:${sha256}`);
    await client.messages.cancel(messageId);
    await client.publish({
      url,
      body: "secret",
      headers: { "x-key": "hidden" },
      redact: { body: true, header: true },
    });
    await arrival(1);
    await idle();
    assert.equal(received[0]!.body, "secret");
    assert.equal(received[0]!.headers.get("x-key"), "hidden");
  });
});
