import assert from "node:assert/strict";
import { createTestDatabase } from "@testing/postgres.ts";
import { isComplete } from "./sql.ts";

const CLIENT = new URL("./sql.ts", import.meta.url).pathname;

Deno.test("isComplete() knows where a statement ends", () => {
  for (
    const text of [
      "select 1;",
      "select ';' ;\n",
      "do $$ begin perform 1; end $$;",
      "select 1; -- done",
      "select 'it''s', \"a;b\";",
      "select 1 /* ; */ ;",
    ]
  ) assert.ok(isComplete(text), text);
  for (
    const text of [
      "select 1",
      "select ';",
      "select 1 -- ;",
      "do $$ begin perform 1;",
      "do $a$ begin perform $$;$$;",
      "/* ;",
      "",
    ]
  ) assert.ok(!isComplete(text), text);
});

Deno.test("deno task sql", async (t) => {
  const database = await createTestDatabase();
  const run = async (args: readonly string[], input = "") => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", CLIENT, ...args],
      env: { DATABASE_URL: database.url() },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { code, stdout } = await child.output();
    return { code, text: new TextDecoder().decode(stdout) };
  };
  try {
    await t.step(
      "runs a statement and keeps columns of one name apart",
      async () => {
        const { code, text } = await run(["select 1 as a, 2 as a"]);
        assert.equal(code, 0);
        assert.match(text, /^a {2}a\n- {2}-\n1 {2}2\n\(1 rows, \d+ ms\)\n$/);
      },
    );
    await t.step(
      "runs a file from its input, in the schema assay",
      async () => {
        const { code, text } = await run(
          [],
          "create table t (x int);\ninsert into t values (7), (8);\nselect count(*) as n from assay.t;\n",
        );
        assert.equal(code, 0);
        assert.match(text, /^n\n-\n2\n/m);
      },
    );
    await t.step("lists what there is", async () => {
      const all = await run(["\\d"]);
      assert.match(all.text, /^sample_review +view$/m);
      assert.match(all.text, /^runs +table/m);
      const one = await run(["\\d runs"]);
      assert.match(one.text, /^id +uuid +not null$/m);
      assert.match(
        (await run(["\\d nothing"])).text,
        /There is no "assay.nothing"/,
      );
    });
    await t.step(
      "answers a mistake with the server's sentence and code 1",
      async () => {
        const { code, text } = await run(["selec 1"]);
        assert.equal(code, 1);
        assert.match(text, /^syntax error at or near "selec"/);
      },
    );
  } finally {
    await database.drop();
  }
});

Deno.test("deno task sql says what to do when Assay is not running", async () => {
  const home = await Deno.makeTempDir();
  try {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", CLIENT, "select 1"],
      clearEnv: true,
      env: {
        ASSAY_HOME: home,
        HOME: Deno.env.get("HOME") ?? home,
        PATH: Deno.env.get("PATH") ?? "",
      },
    }).output();
    assert.equal(code, 1);
    assert.match(
      new TextDecoder().decode(stdout),
      /start it with `deno task start`/,
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});
