import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createTestDatabase } from "@testing/postgres.ts";
import postgres from "postgres";
import { withFolder } from "./testing/folders.ts";

/** Runs the command and returns how it ended. */
async function project(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; text: string }> {
  const entry = new URL("./admin.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", entry, ...args],
    env,
    stdin: "null",
  }).output();
  const text = [stdout, stderr].map((b) => new TextDecoder().decode(b)).join(
    "",
  );
  return { code, text: text.trim() };
}

Deno.test("project makes a project, its owner and a key; the same name again is another key", async () => {
  const database = await createTestDatabase();
  const sql = postgres(database.url(), { prepare: false, max: 1 });
  try {
    const make = async (...args: string[]) => {
      const { code, text } = await project(
        ["--name", "mails", "--json", ...args],
        { DATABASE_URL: database.url() },
      );
      assert.equal(code, 0, text);
      return JSON.parse(text);
    };
    const first = await make("--owner", "me@example.com");
    const [member] = await sql`
      select m.role, u.email from assay.members m join auth.users u on u.id = m.user_id
      where m.project_id = ${first.project_id}`;
    assert.deepEqual({ ...member }, { role: "owner", email: "me@example.com" });
    const [, prefix, secret] = first.api_key.split("_");
    const [key] = await sql`
      select secret_hash, scopes, project_id from assay.api_keys where prefix = ${prefix}`;
    assert.equal(key!.project_id, first.project_id);
    assert.deepEqual(key!.scopes, ["ingest", "read"]);
    assert.equal(
      key!.secret_hash.toString("hex"),
      createHash("sha256").update(secret).digest("hex"),
    );
    const again = await make("--owner", "me@example.com", "--scopes", "read");
    assert.equal(again.project_id, first.project_id);
    assert.notEqual(again.api_key, first.api_key);
    const [counts] = await sql`
      select (select count(*)::int from assay.projects) as projects, (select count(*)::int from assay.members) as members,
        (select count(*)::int from assay.api_keys) as keys`;
    assert.deepEqual({ ...counts }, { projects: 1, members: 1, keys: 2 });
  } finally {
    await sql.end();
    await database.drop();
  }
});

Deno.test("project says what is wrong in a sentence, and makes nothing", async () => {
  const database = await createTestDatabase();
  const sql = postgres(database.url(), { prepare: false, max: 1 });
  try {
    const refusals = [
      [
        ["--owner", crypto.randomUUID()],
        /^Cannot create project as no account/,
      ],
      [
        ["--scopes", "read,all"],
        /^Cannot create project as the scopes .*: current value is "read,all"$/,
      ],
      [["--scopes", ","], /^Cannot create project as the scopes/],
    ] as const;
    for (const [args, sentence] of refusals) {
      const { code, text } = await project(["--name", "x", ...args], {
        DATABASE_URL: database.url(),
      });
      assert.equal(code, 1);
      assert.match(text, sentence);
    }
    assert.equal((await sql`select from assay.projects`).length, 0);
  } finally {
    await sql.end();
    await database.drop();
  }
});

Deno.test("project asks for a database if none is known or none answers", async () => {
  await withFolder(async (home) => {
    const none = await project(["--name", "x"], {
      ASSAY_HOME: home,
      DATABASE_URL: "",
    });
    assert.equal(none.code, 1);
    assert.match(none.text, /^Cannot create project as no database is known/);
    const silent = await project(["--name", "x"], {
      DATABASE_URL: "postgres://nobody:x@127.0.0.1:1/none",
    });
    assert.equal(silent.code, 1);
    assert.match(
      silent.text,
      /^Cannot create project as the database does not answer/,
    );
  });
});
