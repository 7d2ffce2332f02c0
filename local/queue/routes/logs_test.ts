import assert from "node:assert/strict";
import { withQueue } from "../testing/world.ts";

Deno.test("the log tells a message's way, newest first", async () => {
  await withQueue(
    async ({ client, url, answers, arrival, settled, forward, idle, call }) => {
      answers.push(() => new Response("broken", { status: 500 }));
      const { messageId } = await client.publish({
        url,
        body: "x",
        label: "l",
        retries: 1,
      });
      await arrival(1);
      await settled();
      forward(13_000);
      await arrival(2);
      await idle();
      const { logs, cursor } = await client.logs({ messageIds: [messageId] });
      assert.equal(cursor, undefined);
      assert.deepEqual(logs.map((l) => l.state), [
        "DELIVERED",
        "ACTIVE",
        "RETRY",
        "ERROR",
        "ACTIVE",
        "CREATED",
      ]);
      const { json } = await call("GET", `/v2/logs?messageId=${messageId}`);
      const shown = json.logs as Record<string, unknown>[];
      const error = shown[3]!;
      assert.equal(error.responseStatus, 500);
      assert.equal(error.responseBody, btoa("broken"));
      assert.equal(error.error, "status 500");
      assert.equal(error.body, btoa("x"));
      assert.equal(error.url, url);
      assert.equal(error.method, "POST");
      assert.equal(error.timeout, 900_000);
      assert.equal(error.maxRetries, 1);
      assert.deepEqual(error.labels, ["l"]);
      assert.ok(
        shown[2]!.nextDeliveryTime as number > (shown[2]!.time as number),
      );
      assert.ok(!("responseBody" in shown[0]!));
    },
  );
});

Deno.test("the log is read page by page, by state and from a time on", async () => {
  await withQueue(async ({ client, url, idle, call, forward, now }) => {
    for (let i = 0; i < 4; i++) {
      await client.publish({ url, body: `${i}` });
      await idle();
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await client.logs({
        count: 5,
        ...cursor !== undefined && { cursor },
      });
      seen.push(...page.logs.map((l) => `${l.messageId} ${l.state}`));
      cursor = page.cursor;
    } while (cursor !== undefined);
    assert.equal(seen.length, 12);
    assert.equal(new Set(seen).size, 12);
    const states = async (state: string) =>
      (await client.logs({ filter: { state: state as never } })).logs.length;
    assert.equal(await states("DELIVERED"), 4);
    assert.equal(await states("IN_PROGRESS"), 4);
    assert.equal(await states("CANCELED"), 0);
    const between = now() + 1000;
    forward(2000);
    await client.publish({ url, body: "late", delay: 60 });
    const older = await client.logs({ cursor: between });
    assert.equal(older.logs.length, 12, "a cursor may be a time");
    const newer = await client.logs({ filter: { fromDate: between } });
    assert.deepEqual(newer.logs.map((l) => l.state), ["CREATED"]);
    for (const query of ["state=ODD", "cursor=x", "count=1001", "labeel=a"]) {
      const answer = await call("GET", `/v2/events?${query}`);
      assert.equal(answer.status, 400, query);
    }
  });
});
