import assert from "node:assert/strict";
import { withQueue } from "../testing/world.ts";

const HOUR_MS = 3_600_000;

Deno.test("a schedule publishes at each of its times", async () => {
  await withQueue(async ({ client, url, received, arrival, forward, idle }) => {
    const made = await client.schedules.create({
      scheduleId: "sweep",
      destination: url,
      cron: "0 * * * *",
      body: "sweep",
    });
    assert.equal(made.scheduleId, "sweep");
    forward(HOUR_MS);
    await arrival(1);
    await idle();
    forward(HOUR_MS);
    await arrival(2);
    await idle();
    const [first, second] = received;
    assert.equal(second!.headers.get("upstash-schedule-id"), "sweep");
    const shown = await client.schedules.get("sweep");
    assert.equal(shown.nextScheduleTime! - shown.lastScheduleTime! > 0, true);
    assert.deepEqual(shown.lastScheduleStates, {
      [second!.headers.get("upstash-message-id")!]: "SUCCESS",
    });
    assert.notEqual(
      first!.headers.get("upstash-message-id"),
      second!.headers.get("upstash-message-id"),
    );
    await client.schedules.delete("sweep");
    assert.equal((await client.schedules.list()).length, 0);
  });
});

Deno.test("a schedule shows what it was made with", async () => {
  await withQueue(async ({ client, url }) => {
    const { scheduleId } = await client.schedules.create({
      destination: url,
      cron: "CRON_TZ=America/New_York 0 4 * * *",
      body: '{"a":1}',
      headers: { "x-mine": "1" },
      method: "PUT",
      delay: 10,
      retries: 2,
      retryDelay: "1000 * retried",
      queueName: "nightly",
      callback: `${url}&callback`,
      label: ["one", "two"],
      flowControl: { key: "k", parallelism: 2, rate: 3, period: "1d" },
    });
    assert.match(scheduleId, /^scd_/);
    const shown = await client.schedules.get(scheduleId);
    const next = new Date(shown.nextScheduleTime!);
    assert.ok([8, 9].includes(next.getUTCHours()), "04:00 in New York");
    const { createdAt, nextScheduleTime, ...rest } = shown;
    assert.ok(createdAt < nextScheduleTime!);
    assert.deepEqual(rest, {
      scheduleId,
      cron: "CRON_TZ=America/New_York 0 4 * * *",
      destination: url,
      method: "PUT",
      header: { "Content-Type": ["application/json"], "X-Mine": ["1"] },
      body: '{"a":1}',
      retries: 2,
      delay: 10,
      retryDelayExpression: "1000 * retried",
      queueName: "nightly",
      callback: `${url}&callback`,
      label: "one",
      labels: ["one", "two"],
      flowControlKey: "k",
      parallelism: 2,
      rate: 3,
      ratePerSecond: 3,
      period: 86_400,
      callerIP: "127.0.0.1",
      isPaused: false,
    });
  });
});

Deno.test("a paused schedule lets its times pass", async () => {
  await withQueue(
    async ({ client, url, call, received, arrival, forward, store, now }) => {
      await client.schedules.create({
        scheduleId: "s",
        destination: url,
        cron: "0 * * * *",
      });
      await client.schedules.pause({ schedule: "s" });
      assert.equal((await client.schedules.get("s")).isPaused, true);
      forward(5 * HOUR_MS);
      assert.deepEqual(await store.schedules.due(now()), []);
      assert.equal((await call("POST", "/v2/schedules/s/resume")).status, 200);
      assert.equal((await client.schedules.get("s")).isPaused, false);
      assert.deepEqual(await store.schedules.due(now()), []);
      forward(HOUR_MS);
      await arrival(1);
      assert.equal(received.length, 1);
      assert.equal((await call("POST", "/v2/schedules/s/pause")).status, 200);
      assert.equal((await call("PATCH", "/v2/schedules/x/pause")).status, 404);
    },
  );
});

Deno.test("a schedule made again under its id is changed, and serves a time that has come", async () => {
  await withQueue(async ({ client, url, store, arrival, received, now }) => {
    const schedule = {
      scheduleId: "s",
      destination: url,
      cron: "0 * * * *",
      body: "old",
    };
    await client.schedules.create(schedule);
    const [made] = await store.schedules.list("s");
    await store.schedules.put(
      { ...made!, nextAt: new Date(now() - 1000), cron: "1 * * * *" },
      made!.body,
      now(),
    );
    await client.schedules.create({
      ...schedule,
      cron: "1 * * * *",
      body: "new",
    });
    await arrival(1);
    assert.match(received[0]!.body, /^(old|new)$/);
    const list = await client.schedules.list();
    assert.equal(list.length, 1);
    assert.equal(list[0]!.body, "new");
  });
});

Deno.test("a schedule's message and its advance are one: neither without the other", async () => {
  await withQueue(async ({ client, url, store, now, forward, arrival }) => {
    await client.schedules.create({
      scheduleId: "s",
      destination: url,
      cron: "0 * * * *",
    });
    const [before] = await store.schedules.list("s");
    const broken = {
      spec: { ...before!.spec, method: null as never },
      url,
      body: new Uint8Array(),
      notBeforeMs: now(),
      callerIp: null,
    };
    const next = new Date(now() + 2 * HOUR_MS);
    await assert.rejects(
      store.schedules.fire(before!, [broken], next, now()),
      /null value in column "method"/,
    );
    const [after] = await store.schedules.list("s");
    assert.deepEqual(after!.nextAt, before!.nextAt);
    forward(HOUR_MS);
    await arrival(1);
    assert.equal(
      await store.schedules.fire(before!, [], next, now()),
      false,
      "an advance by another is seen",
    );
  });
});

Deno.test("a schedule that could never publish is refused with a sentence", async () => {
  await withQueue(async ({ call, url }) => {
    const create = (to: string, headers: Record<string, string>) =>
      call("POST", `/v2/schedules/${to}`, { headers });
    for (
      const [to, headers, status, sentence] of [
        [url, { "upstash-cron": "61 * * * *" }, 400, /invalid cron "61/],
        [url, {}, 400, /invalid cron ""/],
        [url, { "upstash-cron": "CRON_TZ=Mars/X 1 * * * *" }, 400, /cron/],
        [
          url,
          { "upstash-cron": "* * * * *", "upstash-schedule-id": "a b" },
          400,
          /invalid schedule id "a b"/,
        ],
        ["none", { "upstash-cron": "* * * * *" }, 404, /"none" not found/],
      ] as const
    ) {
      const answer = await create(to, headers);
      assert.equal(answer.status, status);
      assert.match(String(answer.json.error), sentence);
    }
    assert.equal((await call("GET", "/v2/schedules/none")).status, 404);
  });
});

Deno.test("Upstash-Cron on a publish makes a schedule", async () => {
  await withQueue(async ({ call, client, url, received, forward, arrival }) => {
    const { json } = await call("POST", `/v2/publish/${url}`, {
      headers: { "upstash-cron": "0 * * * *" },
      body: "x",
    });
    assert.match(String(json.scheduleId), /^scd_/);
    assert.equal((await client.schedules.list()).length, 1);
    forward(HOUR_MS);
    await arrival(1);
    assert.equal(received[0]!.body, "x");
  });
});

Deno.test("a schedule that cannot publish holds back no other", async () => {
  await withQueue(async ({ client, url, store, forward, now, arrival }) => {
    await client.urlGroups.addEndpoints({ name: "g", endpoints: [{ url }] });
    for (
      const [scheduleId, destination] of [["a", url], ["b", "g"], ["c", url]]
    ) {
      await client.schedules.create({
        scheduleId: scheduleId!,
        destination: destination!,
        cron: "0 * * * *",
        body: scheduleId!,
      });
    }
    await client.urlGroups.delete("g");
    const [a] = await store.schedules.list("a");
    await store.schedules.put({ ...a!, cron: "@never" }, a!.body, now());
    forward(HOUR_MS);
    await arrival(1);
    while ((await store.schedules.due(now())).length > 1) {
      await new Promise((r) => setTimeout(r, 10));
    }
    const [only] = await store.schedules.due(now());
    assert.equal(only!.id, "a");
    assert.equal(
      (await client.schedules.get("c")).nextScheduleTime! > now(),
      true,
    );
  });
});
