import postgres, { type TransactionSql } from "postgres";
import { claimsOf, type Principal } from "../auth/principal.ts";
import { translateSqlError } from "./sql_error.ts";

/** A transaction in which every policy knows the caller. */
export type Transaction = TransactionSql;

/** The database as one caller sees it. Never an HTTP call inside a transaction. */
export interface Database {
  /** What a member may read and say, as role `authenticated`. */
  asMember<T>(
    caller: Principal,
    body: (sql: Transaction) => Promise<T>,
  ): Promise<T>;
  /** The same, where several statements must see one state of the database. */
  asMemberAtOnce<T>(
    caller: Principal,
    body: (sql: Transaction) => Promise<T>,
  ): Promise<T>;
  /** What the machinery writes for the caller, as the edge's own login role. */
  asEdge<T>(
    caller: Principal,
    body: (sql: Transaction) => Promise<T>,
  ): Promise<T>;
  /** Before anybody is known. */
  asNobody<T>(body: (sql: Transaction) => Promise<T>): Promise<T>;
  /** Closes the connections. */
  end(): Promise<void>;
}

const STATEMENT_TIMEOUT = "20s";

/** Connects as the login role of the URL; lazily, through a transaction pooler or not. */
export function createDatabase(url: string): Database {
  const pool = postgres(url, {
    prepare: false,
    max: 6,
    connect_timeout: 5,
    idle_timeout: 30,
    onnotice: () => {},
    connection: { application_name: "assay_edge" },
  });

  const transact = async <T>(
    claims: object,
    role: "authenticated" | "none",
    body: (sql: Transaction) => Promise<T>,
    isolation: "read committed" | "repeatable read" = "read committed",
  ): Promise<T> => {
    try {
      return await pool.begin(`isolation level ${isolation}`, async (sql) => {
        await sql`
          select set_config('request.jwt.claims', ${
          JSON.stringify(claims)
        }, true),
            set_config('role', ${role}, true), set_config('statement_timeout', ${STATEMENT_TIMEOUT}, true)`;
        return await body(sql);
      }) as T;
    } catch (error) {
      throw translateSqlError(error);
    }
  };

  return {
    asMember: (caller, body) =>
      transact(claimsOf(caller), "authenticated", body),
    asMemberAtOnce: (caller, body) =>
      transact(claimsOf(caller), "authenticated", body, "repeatable read"),
    asEdge: (caller, body) => transact(claimsOf(caller), "none", body),
    asNobody: (body) => transact({}, "none", body),
    end: () => pool.end({ timeout: 1 }),
  };
}
