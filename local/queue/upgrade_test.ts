import assert from "node:assert/strict";
import postgres from "postgres";
import { createTestDatabase } from "@testing/postgres.ts";
import { QueueStore } from "./store/mod.ts";
import { KEYS } from "./testing/world.ts";

/** Tables and rows as the first version left them. */
const FIRST_VERSION = `
  create table assay_queue.messages (
    id text primary key, url text not null, method text not null, headers jsonb not null, body bytea not null,
    state text not null default 'ACTIVE' check (state in ('ACTIVE', 'DELIVERED', 'FAILED', 'CANCELLED')),
    retries int not null, retried int not null default 0, retry_delay text, timeout_seconds int not null,
    not_before timestamptz not null, in_flight boolean not null default false, flow_key text, flow_parallelism int,
    dedup_id text, schedule_id text, last_status int, last_error text, created_at timestamptz not null, ended_at timestamptz);
  create table assay_queue.schedules (
    id text primary key, cron text not null, url text not null, spec jsonb not null, body bytea not null,
    next_at timestamptz not null, created_at timestamptz not null);
  insert into assay_queue.messages
    (id, url, method, headers, body, state, retries, timeout_seconds, not_before, in_flight, flow_key, flow_parallelism,
     last_status, created_at, ended_at)
  values
    ('msg_1', 'http://a.test/', 'POST', '{"x-mine": "1"}', 'one', 'ACTIVE', 3, 900, now(), true, 'k', 2, null, now(), null),
    ('msg_2', 'http://a.test/', 'POST', '{}', 'two', 'FAILED', 0, 900, now(), false, null, null, 500, now(), now());
  insert into assay_queue.schedules values
    ('s', '0 * * * *', 'http://a.test/', '{"url": "http://a.test/", "method": "POST", "headers": {}, "retries": 3,
     "retryDelay": null, "timeoutSeconds": 900, "notBeforeMs": 5, "dedupId": null, "flowKey": "k", "flowParallelism": 2}',
     'sweep', now() - interval '1 minute', now());
`;

Deno.test("what the first version left is delivered, listed and scheduled", async () => {
  const database = await createTestDatabase();
  const sql = postgres(database.url("assay_queue"), {
    prepare: false,
    onnotice: () => {},
  });
  try {
    await sql.unsafe(FIRST_VERSION);
    const store = new QueueStore(sql);
    for (let start = 0; start < 2; start++) {
      await store.prepare(KEYS, Date.now());
    }
    const [message] = await store.claim(Date.now() + 1000, 10, []);
    assert.equal(message!.id, "msg_1");
    assert.deepEqual(message!.spec.headers, { "x-mine": "1" });
    assert.deepEqual(message!.spec.flow, {
      key: "k",
      parallelism: 2,
      rate: null,
      periodSeconds: 1,
    });
    const page = {
      dlqIds: null,
      filter: { values: {}, fromMs: null, toMs: null },
      cursor: null,
      count: 10,
    };
    const { items } = await store.deadLetters.list(page);
    assert.deepEqual(items.map((m) => m.id), ["msg_2"]);
    const [schedule] = await store.schedules.due(Date.now());
    assert.equal(schedule!.spec.destination, "http://a.test/");
    assert.equal(schedule!.spec.notBeforeMs, null);
    assert.equal(schedule!.spec.flow!.parallelism, 2);
    assert.deepEqual(schedule!.spec.labels, []);
  } finally {
    await sql.end();
    await database.drop();
  }
});
