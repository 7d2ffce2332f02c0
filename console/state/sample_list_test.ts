import assert from "node:assert/strict";
import type { Page } from "@shared/types/page.ts";
import type { RankedSample } from "@shared/types/result.ts";
import { madeMails } from "../testing/mails.ts";
import { createSampleList } from "./sample_list.ts";

const mails: RankedSample[] = madeMails(1_000);

function pages(from: number, limit: number): Page<RankedSample> {
  const to = from + limit;
  return {
    rows: mails.slice(from, to),
    next_cursor: to < mails.length ? String(to) : null,
  };
}

Deno.test("more() appends pages to the end, and all() reads the rest", async () => {
  const list = createSampleList(({ cursor, limit }) =>
    Promise.resolve(pages(Number(cursor ?? 0), Number(limit)))
  );
  await list.reset({});
  assert.equal(list.rows.value.length, 60);
  await list.more();
  assert.equal(list.rows.value.length, 260);
  await list.all();
  assert.deepEqual(
    list.rows.value.map((r) => r.rank),
    mails.map((r) => r.rank),
  );
  assert.equal(list.isComplete.value, true);
});

Deno.test("reset() drops the answer to the former query", async () => {
  const answers: ((page: Page<RankedSample>) => void)[] = [];
  const list = createSampleList(() => new Promise((r) => answers.push(r)));
  const first = list.reset({ q: "a" });
  const second = list.reset({ q: "b" });
  answers[1]!({ rows: [mails[5]!], next_cursor: null });
  answers[0]!({ rows: [mails[1]!], next_cursor: null });
  await Promise.all([first, second]);
  assert.deepEqual(list.rows.value.map((r) => r.rank), [6]);
});

Deno.test("a row that two pages hold is shown once", async () => {
  let n = 0;
  const list = createSampleList(() =>
    Promise.resolve({
      rows: n++ === 0 ? [mails[0]!, mails[1]!] : [mails[1]!, mails[2]!],
      next_cursor: n < 2 ? "x" : null,
    })
  );
  await list.reset({});
  await list.more();
  assert.deepEqual(list.rows.value.map((r) => r.rank), [1, 2, 3]);
});

Deno.test("a failure keeps what is there, and more() tries again", async () => {
  let isAway = false;
  const list = createSampleList(({ cursor, limit }) =>
    isAway
      ? Promise.reject(new Error("away"))
      : Promise.resolve(pages(Number(cursor ?? 0), Number(limit)))
  );
  await list.reset({});
  isAway = true;
  await list.more();
  assert.equal(list.status.value, "failed");
  assert.equal(list.rows.value.length, 60);
  isAway = false;
  await list.more();
  assert.equal(list.status.value, "ready");
});
