import assert from "node:assert/strict";
import { createTestDatabase, testEngines } from "@testing/postgres.ts";
import postgres, { type Sql } from "postgres";
import { freePort } from "../supervisor/ports.ts";
import { withFolder } from "../testing/folders.ts";
import { listMigrations, migrate, setRolePasswords } from "./migrate.ts";
import { startServer } from "./server.ts";

async function withSql<T>(
  url: string,
  body: (sql: Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(url, { max: 1, prepare: false, onnotice: () => {} });
  try {
    return await body(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** An empty database on a shared test server, beside the one that `createTestDatabase` made. */
async function withEmptyDatabase(
  engine: { name: string },
  body: (url: string) => Promise<void>,
): Promise<void> {
  const known = await createTestDatabase(engine);
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const url = new URL(known.url());
  url.pathname = `/${name}`;
  try {
    await withSql(known.url(), (sql) => sql.unsafe(`create database ${name}`));
    await body(url.href);
  } finally {
    await withSql(
      known.url(),
      (sql) => sql.unsafe(`drop database if exists ${name} with (force)`),
    );
    await known.drop();
  }
}

async function tablesOf(sql: Sql): Promise<string[]> {
  const rows = await sql`
    select relname as name from pg_class where relnamespace = 'assay'::regnamespace and relkind = 'r' order by 1`;
  return rows.map(({ name }) => name);
}

for (const engine of testEngines()) {
  Deno.test(`migrate() applies every version once, also when two run at once (${engine.name})`, async () => {
    const versions = (await listMigrations()).map(({ version }) => version);
    await withEmptyDatabase(engine, async (url) => {
      const [a, b] = await Promise.all([migrate(url), migrate(url)]);
      assert.deepEqual([...a, ...b].sort(), versions);
      await withSql(url, async (sql) => {
        const known = await sql`
          select version from supabase_migrations.schema_migrations order by version`;
        assert.deepEqual(known.map(({ version }) => version), versions);
        assert.ok((await tablesOf(sql)).includes("sample_results"));
      });
    });
  });

  Deno.test(`migrate() does nothing to a database that is up to date (${engine.name})`, async () => {
    const database = await createTestDatabase(engine);
    try {
      await withSql(database.url(), async (sql) => {
        await sql`insert into assay.projects (name) values ('kept')`;
        const before = await tablesOf(sql);
        assert.deepEqual(await migrate(database.url()), []);
        assert.deepEqual(await tablesOf(sql), before);
        assert.equal((await sql`select from assay.projects`).length, 1);
      });
    } finally {
      await database.drop();
    }
  });

  Deno.test(`migrate() refuses a newer schema and leaves it alone (${engine.name})`, async () => {
    const database = await createTestDatabase(engine);
    const newest = (await listMigrations()).at(-1)!.version;
    try {
      await withSql(database.url(), async (sql) => {
        await sql`
          insert into supabase_migrations.schema_migrations (version, name, statements)
          values ('29990101000000', 'from_the_future', '{}')`;
        await sql.unsafe(
          "create or replace function auth.uid() returns uuid language sql stable as 'select null::uuid -- newer'",
        );
        await assert.rejects(migrate(database.url()), {
          message:
            `Cannot use database as its schema is newer than this checkout: it has version 29990101000000, the newest here is ${newest}. Update the checkout, or choose another folder with ASSAY_HOME`,
        });
        const [row] = await sql`
          select prosrc as source from pg_proc where oid = 'auth.uid'::regproc`;
        assert.match(row!.source, /newer/);
      });
    } finally {
      await database.drop();
    }
  });

  Deno.test(`migrate() rolls a migration back with its row if a statement of it fails (${engine.name})`, async () => {
    await withEmptyDatabase(engine, async (url) => {
      await withSql(url, async (sql) => {
        await sql.unsafe(
          "create schema assay; create table assay.sample_results ()",
        );
        await assert.rejects(migrate(url));
        const known = await sql`
          select version from supabase_migrations.schema_migrations`;
        assert.ok(known.length < (await listMigrations()).length);
        await sql.unsafe("drop schema assay cascade");
        await sql`delete from supabase_migrations.schema_migrations`;
      });
      assert.equal(
        (await migrate(url)).length,
        (await listMigrations()).length,
      );
    });
  });
}

Deno.test("migrate() leaves Supabase's own roles, auth and storage as they are", async () => {
  await withFolder(async (dir) => {
    const server = await startServer({ dir, port: freePort() });
    try {
      await withSql(server.url, async (sql) => {
        // What a Supabase has before us, in short: platform.sql, and an administrator of its own.
        await sql.unsafe(
          await Deno.readTextFile(
            new URL("../../supabase/platform.sql", import.meta.url),
          ),
        );
        await sql.unsafe("create role supabase_admin superuser");
        await sql.unsafe(
          "create or replace function auth.uid() returns uuid language sql stable as 'select null::uuid -- theirs'",
        );
        await sql.unsafe("drop schema if exists assay_queue cascade");
        const versions = (await listMigrations()).length;
        assert.equal((await migrate(server.url)).length, versions);
        const note = (version: string, statement: string) =>
          sql`
            insert into supabase_migrations.schema_migrations (version, name, statements)
            values (${version}, 'later', ${[statement]})`;
        await note("29990101000000", "create table public.theirs ()");
        assert.deepEqual(await migrate(server.url), []);
        await note("29990101000001", "create table assay.ours ()");
        await assert.rejects(
          migrate(server.url),
          /it has version 29990101000001,/,
        );
        const [row] = await sql`
          select prosrc as source, to_regnamespace('assay_queue') as queue from pg_proc where oid = 'auth.uid'::regproc`;
        assert.match(row!.source, /theirs/);
        assert.equal(row!.queue, null);
      });
    } finally {
      await server.stop();
    }
  });
});

Deno.test("setRolePasswords() lets a role in by its password, and refuses one that could end its quotes", async () => {
  await withFolder(async (dir) => {
    const server = await startServer({ dir, port: freePort() });
    try {
      await migrate(server.url);
      const url = new URL(server.url);
      [url.username, url.password] = ["assay_edge", "a-password_1"];
      await assert.rejects(withSql(url.href, (sql) => sql`select 1`));
      await setRolePasswords(server.url, { assay_edge: "a-password_1" });
      await withSql(url.href, async (sql) => {
        const [row] = await sql`
          select rolsuper, rolbypassrls, rolinherit from pg_roles where rolname = current_user`;
        assert.deepEqual({ ...row }, {
          rolsuper: false,
          rolbypassrls: false,
          rolinherit: false,
        });
      });
      await assert.rejects(
        setRolePasswords(server.url, { assay_edge: "a'b" }),
        RangeError,
      );
    } finally {
      await server.stop();
    }
  });
});
