import { basename } from "node:path";
import postgres, { type Sql } from "postgres";

const SUPABASE = new URL("../../supabase/", import.meta.url);

/** One number for all that migrate an Assay database. */
const MIGRATION_LOCK = 4_203_117;

/** Where the Supabase CLI notes what it applied: one list, whoever applies. A new project has none yet. */
const VERSION_LIST = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version    text primary key,
    statements text[],
    name       text
  )`;

/** Login roles whose password the platform sets. */
export type LoginRole =
  | "assay_edge"
  | "assay_worker"
  | "assay_queue"
  | "supabase_storage_admin"
  | "authenticator";

/**
 * Brings a database to this checkout's schema: `platform.sql` where it is no Supabase, then each missing migration in a transaction with
 * its row in `supabase_migrations.schema_migrations`, the list of the Supabase CLI. Twice, or two at once, is harmless.
 *
 * @param adminUrl A superuser's URL, or that of Supabase's `postgres`.
 * @returns Versions applied now.
 * @throws {Error} If the database knows a version that this checkout does not.
 */
export async function migrate(adminUrl: string): Promise<string[]> {
  const sql = postgres(adminUrl, {
    max: 1,
    prepare: false,
    onnotice: () => {},
  });
  try {
    const migrations = await listMigrations();
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
      const onSupabase = await isSupabase(tx as unknown as Sql);
      await tx.unsafe(VERSION_LIST);
      await refuseNewerSchema(tx as unknown as Sql, migrations, onSupabase);
      if (!onSupabase) await tx.unsafe(await readText("platform.sql"));
    });
    const applied: string[] = [];
    for (const { version, name, file } of migrations) {
      await sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
        const known = await tx`
          select 1 from supabase_migrations.schema_migrations where version = ${version}`;
        if (known.length > 0) return;
        const text = await readText(`migrations/${file}`);
        await tx.unsafe(text);
        await tx`
          insert into supabase_migrations.schema_migrations (version, name, statements)
          values (${version}, ${name}, ${[text]})`;
        applied.push(version);
      });
    }
    return applied;
  } finally {
    await sql.end();
  }
}

/**
 * Sets passwords of login roles.
 *
 * @param adminUrl As for {@linkcode migrate}.
 * @param passwords Letters, digits, `_` and `-` only.
 * @throws {RangeError} If a password has another character.
 */
export async function setRolePasswords(
  adminUrl: string,
  passwords: Readonly<Partial<Record<LoginRole, string>>>,
): Promise<void> {
  const sql = postgres(adminUrl, {
    max: 1,
    prepare: false,
    onnotice: () => {},
  });
  try {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`; // roles are rows: two sessions would collide
      for (const [role, password] of Object.entries(passwords)) {
        if (!/^[\w-]+$/.test(password)) {
          throw new RangeError(
            `Cannot set password of role "${role}" as only letters, digits, "_" and "-" may stand in it`,
          );
        }
        await tx.unsafe(`alter role "${role}" login password '${password}'`);
      }
    });
  } finally {
    await sql.end();
  }
}

/** Versions of this checkout, in order. */
export async function listMigrations(): Promise<
  { version: string; name: string; file: string }[]
> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL("migrations/", SUPABASE))) {
    if (entry.name.endsWith(".sql")) files.push(entry.name);
  }
  return files.sort().map((file) => {
    const [version, ...words] = basename(file, ".sql").split("_");
    return { version: version!, name: words.join("_"), file };
  });
}

/** In a team's own Supabase the list also has versions of theirs: ours are those that name our schema. */
async function refuseNewerSchema(
  sql: Sql,
  migrations: { version: string }[],
  onSupabase: boolean,
): Promise<void> {
  const [row] = await sql`
    select max(version) as newest from supabase_migrations.schema_migrations
    where not ${onSupabase} or array_to_string(statements, ' ') ~ '\\massay\\.'`;
  const newest = migrations.at(-1)?.version ?? "";
  if (row!.newest > newest) {
    throw new Error(
      `Cannot use database as its schema is newer than this checkout: it has version ${
        row!.newest
      }, the newest here is ${newest}. Update the checkout, or choose another folder with ASSAY_HOME`,
    );
  }
}

/** A hosted or self-hosted Supabase has its own administrator. */
async function isSupabase(sql: Sql): Promise<boolean> {
  const rows = await sql`
    select 1 from pg_roles where rolname = 'supabase_admin'`;
  return rows.length > 0;
}

function readText(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, SUPABASE));
}
