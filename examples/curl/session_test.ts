import assert from "node:assert/strict";
import { withScripts } from "./testing/scripts.ts";

Deno.test("session.sh logs a run with curl alone and reads the worst sample first; rescore.sh scores it again, audit.sh judges", () =>
  withScripts(async ({ run }) => {
    const out = await run("session.sh");
    const { rows } = JSON.parse(out.slice(out.lastIndexOf('{"rows"')));
    assert.equal(rows.length, 3);
    assert.equal(rows[0].sample_id, "c");
    assert.equal(rows[0].suggested_label, "spam");
    assert.match(rows[0].reason, /spam/);
    const [, id] = out.match(/"run_id":"([^"]+)"/)!;
    const difference = JSON.parse(await run("rescore.sh", id!));
    assert.equal(difference.counts.n_compared, 5);
    assert.equal(difference.counts.newly_flagged, 0);
    const again = JSON.parse(await run("rescore.sh", id!));
    assert.equal(again.from_revision_id, difference.to_revision_id);
    const judged = await run("audit.sh", id!);
    const audit = JSON.parse(
      judged.slice(judged.lastIndexOf('{"audit_id"')),
    );
    assert.deepEqual(
      [audit.n_samples, audit.n_judged, audit.n_needed, audit.answer],
      [5, 1, 4, null],
    );
  }));

Deno.test("the README prints the scripts as they are", async () => {
  const read = (path: string) =>
    Deno.readTextFile(new URL(path, import.meta.url));
  const readme = await read("../../README.md");
  for (
    const [name, start] of [
      ["session.sh", "run=$("],
      ["rescore.sh", "key=$("],
      ["audit.sh", "audit=$("],
      ["model.sh", "model=$("],
    ]
  ) {
    const script = await read(`./${name}`);
    assert.ok(
      readme.includes(script.slice(script.indexOf(start!))),
      `examples/curl/${name} and the README differ`,
    );
  }
});
