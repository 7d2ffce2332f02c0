/**
 * Real databases for tests: the embedded PostgreSQL 17, another real one, and the first behind a pooler; each test with a migrated
 * database of its own.
 *
 * Servers are started once and shared by all test processes of the machine's user: by `deno task test`, which hands them over in
 * `ASSAY_TEST_ENGINES`, or by the first single test that needs them, which leaves them running under `.assay-test/` for the next.
 *
 * @module
 */
import { join } from "node:path";
import postgres from "postgres";
import { type LoginRole, migrate, setRolePasswords } from "./database.ts";
import { noPgBouncer, startPgBouncer } from "./pgbouncer.ts";
import { ensureServers } from "./servers.ts";
import { skipIf } from "./skip.ts";

/** A PostgreSQL server to test on. */
export interface Engine {
  /** Name for test titles, such as "embedded 17". */
  readonly name: string;
}

/** A migrated database of one test. */
export interface TestDatabase {
  /** URL of a login role; without one, of the superuser. */
  url(role?: LoginRole): string;
  /** Drops it, connections and all. */
  drop(): Promise<void>;
}

const ROOT = new URL("../../", import.meta.url).pathname;
const POOLED = "embedded 17 behind PgBouncer";
const PASSWORD = "test-only-password";
const ROLES: readonly LoginRole[] = [
  "assay_edge",
  "assay_worker",
  "assay_queue",
  "supabase_storage_admin",
  "authenticator",
];

/** Engines to test on; the first is what users run, the last has login roles come through a pooler, as on hosted Supabase. */
export function testEngines(): Engine[] {
  const engines = [{ name: "embedded 17" }, { name: "postgres 15" }];
  return skipIf(noPgBouncer()).ignore
    ? engines
    : [...engines, { name: POOLED }];
}

const templates = new Map<string, Promise<string>>();

/**
 * Makes a database with the whole schema, cloned from a template.
 *
 * @param engine One of {@linkcode testEngines}; default the first.
 */
export async function createTestDatabase(
  engine: Engine = testEngines()[0]!,
): Promise<TestDatabase> {
  const servers = await ensureServers();
  const isPooled = engine.name === POOLED;
  const server = isPooled ? testEngines()[0]!.name : engine.name;
  const adminUrl = servers[server];
  if (!adminUrl) throw new RangeError(`No test server named "${server}"`);
  let template = templates.get(server);
  if (!template) {
    template = makeTemplate(adminUrl);
    templates.set(server, template);
  }
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await withAdmin(adminUrl, async (sql) => {
    await sql.unsafe(`create database ${name} template ${await template}`);
  });
  const url = (role?: LoginRole) => {
    const url = new URL(adminUrl);
    url.pathname = `/${name}`;
    if (role) [url.username, url.password] = [role, PASSWORD];
    return url.href;
  };
  const pooler = isPooled ? await startPgBouncer(ROLES.map(url)) : null;
  return {
    url: (role) => role && pooler ? pooler.through(url(role)) : url(role),
    async drop() {
      await pooler?.stop();
      await withAdmin(adminUrl, async (sql) => {
        await sql.unsafe(`drop database if exists ${name} with (force)`);
      });
    },
  };
}

/** A template is named after the files it was made from, so that a changed migration makes a new one. */
async function makeTemplate(adminUrl: string): Promise<string> {
  const name = `assay_template_${await digestOfSchema()}`;
  const exists = () =>
    withAdmin(
      adminUrl,
      async (sql) =>
        (await sql`select 1 from pg_database where datname = ${name}`).length >
          0,
    );
  if (await exists()) return name;
  const making = `making_${crypto.randomUUID().replaceAll("-", "")}`;
  await withAdmin(adminUrl, (sql) => sql.unsafe(`create database ${making}`));
  const url = new URL(adminUrl);
  url.pathname = `/${making}`;
  await migrate(url.href);
  await setRolePasswords(
    url.href,
    Object.fromEntries(ROLES.map((role) => [role, PASSWORD])),
  );
  await withAdmin(adminUrl, async (sql) => {
    try {
      await sql.unsafe(`alter database ${making} rename to ${name}`);
    } catch (error) {
      await sql.unsafe(`drop database ${making} with (force)`);
      if (!await exists()) throw error; // another process was faster
    }
  });
  return name;
}

async function digestOfSchema(): Promise<string> {
  const folder = join(ROOT, "supabase");
  const files = [join(folder, "platform.sql")];
  for (const entry of Deno.readDirSync(join(folder, "migrations"))) {
    files.push(join(folder, "migrations", entry.name));
  }
  const texts = files.sort().map((file) => Deno.readTextFileSync(file));
  const hash = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(texts.join("\0")),
  );
  return Array.from(
    new Uint8Array(hash).subarray(0, 8),
    (b) => b.toString(16).padStart(2, "0"),
  ).join("");
}

async function withAdmin<T>(
  url: string,
  body: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = postgres(url, { max: 1, prepare: false, onnotice: () => {} });
  try {
    return await body(sql);
  } finally {
    await sql.end();
  }
}
