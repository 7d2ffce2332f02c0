import assert from "node:assert/strict";
import { startPlatform } from "@testing/platform.ts";

Deno.test("session.sh logs a run with curl alone and reads the worst sample first", async () => {
  const home = await Deno.makeTempDir({ prefix: "assay-curl-" });
  await Deno.chmod(home, 0o755); // the database may have to run as another user
  const platform = await startPlatform({ home, port: 0, isAnnounced: false });
  try {
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      args: [new URL("./session.sh", import.meta.url).pathname],
      env: { ASSAY_URL: platform.url, ASSAY_API_KEY: platform.apiKey },
    }).output();
    const [out, problems] = [stdout, stderr].map((b) =>
      new TextDecoder().decode(b)
    );
    assert.ok(success, problems!);
    const { rows } = JSON.parse(out!.slice(out!.lastIndexOf('{"rows"')));
    assert.equal(rows.length, 3);
    assert.equal(rows[0].sample_id, "c");
    assert.equal(rows[0].suggested_label, "spam");
    assert.match(rows[0].reason, /spam/);
  } finally {
    await platform.stop();
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("the README prints session.sh as it is", async () => {
  const read = (path: string) =>
    Deno.readTextFile(new URL(path, import.meta.url));
  const [script, readme] = await Promise.all([
    read("./session.sh"),
    read("../../README.md"),
  ]);
  const body = script.slice(script.indexOf("run=$("));
  assert.ok(
    readme.includes(body),
    "examples/curl/session.sh and the README differ",
  );
});
