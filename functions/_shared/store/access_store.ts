import type { MemberRole } from "@shared/types/project.ts";
import type { Principal } from "../auth/principal.ts";
import type { Database } from "./database.ts";

/** What a request is about. */
export interface Subject {
  readonly kind: "project" | "dataset" | "run" | "job" | "model";
  readonly id: string;
}

/** The project something belongs to, seen by a caller with any scope there. */
export interface Standing {
  readonly projectId: string;
  /** Null for a key. */
  readonly role: MemberRole | null;
}

/** Finds where a caller stands. */
export interface AccessStore {
  /** Null if there is nothing that this caller may know of. */
  find(caller: Principal, subject: Subject): Promise<Standing | null>;
}

/** Standing by the policies of PostgreSQL. */
export function createAccessStore(database: Database): AccessStore {
  return {
    find: (caller, { kind, id }) =>
      database.asEdge(caller, async (sql) => {
        const project = {
          project: sql`select p.id from assay.projects p where p.id = ${id}`,
          dataset:
            sql`select d.project_id from assay.datasets d where d.id = ${id}`,
          run: sql`select r.project_id from assay.runs r where r.id = ${id}`,
          job: sql`select j.project_id from assay.jobs j where j.id = ${id}`,
          model:
            sql`select m.project_id from assay.models m where m.id = ${id}`,
        }[kind];
        if (caller.kind === "key") { // whose policies show what is of its own project, and nothing else
          const [row] = await sql`select (${project}) as project_id`;
          const projectId = row!.project_id;
          return projectId === null ? null : { projectId, role: null };
        }
        const [row] = await sql`
          select p.id as project_id, m.role
          from assay.projects p
          left join assay.members m on m.project_id = p.id and m.user_id = (select assay.user_id())
          where p.id = (${project})`;
        return row ? { projectId: row.project_id, role: row.role } : null;
      }),
  };
}
