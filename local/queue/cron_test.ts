import assert from "node:assert/strict";
import { nextRun } from "./cron.ts";

const AT = Date.parse("2026-01-15T12:00:00Z");

Deno.test("nextRun() is later than the time it is given, in UTC", () => {
  assert.equal(
    nextRun("0 * * * *", AT).toISOString(),
    "2026-01-15T13:00:00.000Z",
  );
  assert.equal(
    nextRun("*/10 * * * *", AT + 1).toISOString(),
    "2026-01-15T12:10:00.000Z",
  );
});

Deno.test("nextRun() follows a time zone over its change of clocks", () => {
  const next = (at: string) =>
    nextRun("CRON_TZ=America/New_York 0 4 * * *", Date.parse(at)).toISOString();
  assert.equal(next("2026-03-07T12:00:00Z"), "2026-03-08T08:00:00.000Z");
  assert.equal(next("2026-03-06T12:00:00Z"), "2026-03-07T09:00:00.000Z");
});

Deno.test("nextRun() refuses what is no cron expression, or never comes", () => {
  for (
    const text of [
      "",
      "* * * *",
      "* * * * * *",
      "@daily",
      "61 * * * *",
      "0 0 31 2 *",
      "CRON_TZ=Mars/X 0 * * * *",
    ]
  ) {
    assert.throws(() => nextRun(text, AT), {
      status: 400,
      message: `invalid cron "${text}"`,
    });
  }
});
