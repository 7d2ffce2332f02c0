import { AppError } from "@shared/errors.ts";
import type { PageQuery } from "@shared/schemas/page.ts";
import type { ProjectChanges } from "@shared/schemas/project.ts";
import type { Page } from "@shared/types/page.ts";
import type { Member, MemberRole, Project } from "@shared/types/project.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";
import { violates } from "./sql_error.ts";

/** Projects and who is in them. */
export interface ProjectStore {
  /** All in which the caller has any scope, oldest first. */
  list(caller: Principal, page: PageQuery): Promise<Page<Project>>;
  /** One of them. */
  get(caller: Principal, projectId: string): Promise<Project>;
  /** Makes one, its maker the owner. */
  create(caller: Principal, name: string): Promise<Project>;
  /** Gives it another name, or another time that things are kept. */
  change(
    caller: Principal,
    projectId: string,
    changes: ProjectChanges,
  ): Promise<void>;
  /** Its members, oldest first. */
  members(
    caller: Principal,
    projectId: string,
    page: PageQuery,
  ): Promise<Page<Member>>;
  /** Adds a member, or changes what they may do. */
  putMember(
    caller: Principal,
    projectId: string,
    userId: string,
    role: MemberRole,
  ): Promise<Member>;
  /** Ends a membership. */
  removeMember(
    caller: Principal,
    projectId: string,
    userId: string,
  ): Promise<void>;
}

/** Projects in PostgreSQL. */
export function createProjectStore(database: Database): ProjectStore {
  return {
    list: (caller, { limit, cursor }) =>
      database.asEdge(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select ${columns(sql)}, p.created_at::text as at ${from(sql)}
          ${
          after
            ? sql`where (p.created_at, p.id) > (${after[
              0
            ]!}::text::timestamptz, ${after[1]!}::uuid)`
            : sql``
        }
          order by p.created_at, p.id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.project_id],
          ({ at: _, ...row }) => row as Project,
        );
      }),
    get: (caller, projectId) =>
      database.asEdge(caller, (sql) => find(sql, projectId)),
    create: (caller, name) =>
      database.asEdge(caller, async (sql) => {
        const [row] = await sql`select assay.create_project(${name}) as id`;
        return await find(sql, row!.id);
      }),
    change: (caller, projectId, changes) =>
      database.asEdge(caller, async (sql) => {
        const given = Object.entries(changes).filter(([, v]) =>
          v !== undefined
        );
        await sql`update assay.projects set ${
          sql(Object.fromEntries(given))
        } where id = ${projectId}`;
      }),

    members: (caller, projectId, { limit, cursor }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select m.user_id, m.role, m.created_at, m.created_at::text as at from assay.members m
          where m.project_id = ${projectId}
            ${
          after
            ? sql`and (m.created_at, m.user_id) > (${after[
              0
            ]!}::text::timestamptz, ${after[1]!}::uuid)`
            : sql``
        }
          order by m.created_at, m.user_id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.user_id],
          ({ at: _, ...row }) => row as Member,
        );
      }),
    putMember: async (caller, projectId, userId, role) => {
      try {
        return await database.asEdge(caller, async (sql) => {
          const [row] = await sql<Member[]>`
            insert into assay.members (project_id, user_id, role) values (${projectId}, ${userId}, ${role})
            on conflict (project_id, user_id) do update set role = excluded.role
            returning user_id, role, created_at`;
          return row!;
        });
      } catch (error) {
        if (violates(error, "members_user_id_fkey")) throw noUser(userId);
        throw keepOwner(error);
      }
    },
    removeMember: async (caller, projectId, userId) => {
      try {
        await database.asEdge(caller, async (sql) => {
          const [row] = await sql`
            delete from assay.members m where m.project_id = ${projectId} and m.user_id = ${userId} returning m.user_id`;
          if (!row) throw noUser(userId);
        });
      } catch (error) {
        throw keepOwner(error);
      }
    },
  };
}

async function find(sql: Transaction, projectId: string): Promise<Project> {
  const [row] = await sql`select ${columns(sql)} ${
    from(sql)
  } where p.id = ${projectId}`;
  if (row) return row as Project;
  throw new AppError("not_found", `Cannot find project "${projectId}"`);
}

function columns(sql: Transaction) {
  return sql`p.id as project_id, p.name, m.role, p.retention_days, p.parts_retention_days, p.created_at`;
}

function from(sql: Transaction) {
  return sql`from assay.projects p
    left join assay.members m on m.project_id = p.id and m.user_id = (select assay.user_id())`;
}

function noUser(userId: string): AppError {
  return new AppError("not_found", `Cannot find user "${userId}"`);
}

/** The database keeps an owner in every project; its refusal is the caller's to know. */
function keepOwner(error: unknown): unknown {
  if ((error as { code?: unknown } | null)?.code !== "23514") return error;
  return new AppError(
    "conflict",
    "Cannot change member: a project needs at least one owner",
    { cause: error },
  );
}
