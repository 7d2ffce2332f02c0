import { createHash } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { randomText } from "./installation.ts";

/** A project with a member and a fresh key. */
export interface FirstProject {
  /** The project. */
  readonly projectId: string;
  /** Its owner. */
  readonly userId: string;
  /** The whole token; it cannot be read again. */
  readonly apiKey: string;
}

/** What to make. */
export interface ProjectOptions {
  /** Name; an existing project of that name gets another key. */
  readonly name: string;
  /** E-mail or id of the account that owns it; made if the e-mail is unknown. */
  readonly owner: string;
  /** What the key may do. */
  readonly scopes: readonly string[];
  /** Name of the key. */
  readonly keyName: string;
}

const SCOPES = ["ingest", "read", "write", "admin"];
const UUID_REGEXP = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Makes a project, its owner's membership and a key, on any database with our schema.
 *
 * @param adminUrl URL of the schema's owner.
 * @throws {Error} If the owner's id is no account, or a scope is unknown.
 */
export async function createFirstProject(
  adminUrl: string,
  options: ProjectOptions,
): Promise<FirstProject> {
  const unknown = options.scopes.filter((scope) => !SCOPES.includes(scope));
  if (unknown.length > 0 || options.scopes.length === 0) {
    throw new Error(
      `Cannot create project as the scopes of its key must be some of ${
        SCOPES.join(", ")
      }: current value is "${options.scopes.join(",")}"`,
    );
  }
  const sql = postgres(adminUrl, {
    max: 1,
    prepare: false,
    onnotice: () => {},
  });
  try {
    return await sql.begin(async (tx) => {
      const userId = await ensureUser(tx as unknown as Sql, options.owner);
      const [known] = await tx`
        select p.id from assay.projects p where p.name = ${options.name}
          and not exists (select from assay.deletions d where d.subject_id = p.id) order by created_at limit 1`;
      const projectId = known?.id ??
        (await tx`insert into assay.projects (name) values (${options.name}) returning id`)[
          0
        ]!.id;
      await tx`
        insert into assay.members (project_id, user_id, role) values (${projectId}, ${userId}, 'owner')
        on conflict (project_id, user_id) do nothing`;
      const [prefix, secret] = [randomText(10), randomText(43)];
      await tx`
        insert into assay.api_keys (project_id, prefix, secret_hash, name, scopes)
        values (${projectId}, ${prefix}, ${
        createHash("sha256").update(secret).digest()
      }, ${options.keyName}, ${[...options.scopes]})`;
      return { projectId, userId, apiKey: `assay_${prefix}_${secret}` };
    });
  } finally {
    await sql.end();
  }
}

/** Whether a database has this project: an installation may have been given another database. */
export async function projectExists(
  adminUrl: string,
  projectId: string,
): Promise<boolean> {
  const sql = postgres(adminUrl, { max: 1, prepare: false });
  try {
    return (await sql`select 1 from assay.projects p where p.id = ${projectId}
      and not exists (select from assay.deletions d where d.subject_id = p.id)`)
      .length > 0;
  } finally {
    await sql.end();
  }
}

async function ensureUser(sql: Sql, owner: string): Promise<string> {
  const isId = UUID_REGEXP.test(owner);
  const [known] = isId
    ? await sql`select id from auth.users where id = ${owner}`
    : await sql`select id from auth.users where email = ${owner}`;
  if (known) return known.id;
  if (isId) {
    throw new Error(
      `Cannot create project as no account has the id "${owner}": pass an e-mail, or the id of an account of Supabase Auth`,
    );
  }
  const [made] = await sql`
    insert into auth.users (id, email) values (gen_random_uuid(), ${owner}) returning id`;
  return made!.id;
}
