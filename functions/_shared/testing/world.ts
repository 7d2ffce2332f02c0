/**
 * Two projects with every kind of caller, a database of the test's own, and both apps wired as their composition roots wire them.
 *
 * @module
 */
import { createTestDatabase, type Engine } from "@testing/postgres.ts";
import postgres, { type Sql } from "postgres";
import { newKeyToken } from "../auth/key_token.ts";
import { createEdge, type Edge } from "../edge.ts";
import { createLogger } from "../log.ts";
import { SERVICE_KEY, startPlatform, type TestPlatform } from "./platform.ts";

/** Callers the tests speak as. */
export const PERSONAS = [
  "viewer",
  "editor",
  "owner",
  "stranger",
  "anonymous",
  "ingestKey",
  "readKey",
  "writeKey",
  "adminKey",
  "otherKey",
] as const;

/** One of {@linkcode PERSONAS}. */
export type Persona = typeof PERSONAS[number];

/** What each persona may do in the project `mine`. */
export const SCOPES: Readonly<Record<Persona, readonly string[]>> = {
  viewer: ["read"],
  editor: ["read", "ingest", "write"],
  owner: ["read", "ingest", "write", "admin"],
  stranger: [],
  anonymous: [],
  ingestKey: ["ingest"],
  readKey: ["read"],
  writeKey: ["read", "write"],
  adminKey: ["read", "ingest", "write", "admin"],
  otherKey: [],
};

/** A wired edge with callers. */
export interface World {
  readonly edge: Edge;
  readonly platform: TestPlatform;
  /** As the superuser: to seed and to look. */
  readonly admin: Sql;
  /** Project of the personas. */
  readonly mine: string;
  /** Project of `stranger` and `otherKey`. */
  readonly other: string;
  /** User id of each person. */
  readonly users: Readonly<Record<string, string>>;
  /** `Authorization` header of each persona. */
  readonly auth: Readonly<Record<Persona, string>>;
  /** Lines the edge logged. */
  readonly logged: string[];
  /** The next line it will log. */
  nextLine(): Promise<string>;
  /** URL of its database as a login role. */
  databaseUrl(role: "supabase_storage_admin" | "assay_worker"): string;
  stop(): Promise<void>;
}

/** Makes a world on a database of the engine. */
export async function createWorld(
  engine: Engine,
): Promise<World> {
  const database = await createTestDatabase(engine);
  const platform = await startPlatform();
  const admin = postgres(database.url(), {
    prepare: false,
    max: 2,
    onnotice: () => {},
  });
  const logged: string[] = [];
  let waiting: ((line: string) => void)[] = [];
  const edge = {
    ...await createEdge({
      databaseUrl: database.url("assay_edge"),
      supabaseUrl: platform.url,
      serviceKey: SERVICE_KEY,
      qstashUrl: `${platform.url}/qstash`,
      qstashToken: "test-token",
      workerUrl: "http://worker.test/base/",
      allowedOrigins: ["https://console.test"],
      rateLimits: { perCaller: 0, perProject: 0, failuresPerAddress: 0 },
      addressHeader: "x-forwarded-for",
      faultModule: null,
    }),
    log: createLogger((line) => {
      logged.push(line);
      for (const resolve of waiting) resolve(line);
      waiting = [];
    }, () => new Date()),
  };
  const [mine, other] = [crypto.randomUUID(), crypto.randomUUID()];
  await admin`insert into assay.projects (id, name) values (${mine}, 'mine'), (${other}, 'other')`;

  const users: Record<string, string> = {};
  const auth: Record<string, string> = { anonymous: "" };
  for (const persona of ["viewer", "editor", "owner", "stranger"]) {
    const user = users[persona] = crypto.randomUUID();
    const [project, role] = persona === "stranger"
      ? [other, "owner"]
      : [mine, persona];
    await admin`insert into auth.users (id, email) values (${user}, ${
      persona + "@example.com"
    })`;
    await admin`insert into assay.members (project_id, user_id, role) values (${project}, ${user}, ${role})`;
    auth[persona] = `Bearer ${await platform.tokenOf(user)}`;
  }
  const keys: [Persona, string, string[]][] = [
    ["ingestKey", mine, ["ingest"]],
    ["readKey", mine, ["read"]],
    ["writeKey", mine, ["write"]],
    ["adminKey", mine, ["admin"]],
    ["otherKey", other, ["admin"]],
  ];
  for (const [persona, project, scopes] of keys) {
    const { prefix, secretHash, token } = newKeyToken();
    await admin`
      insert into assay.api_keys (project_id, prefix, secret_hash, name, scopes)
      values (${project}, ${prefix}, ${secretHash}, ${persona}, ${scopes})`;
    auth[persona] = `Bearer ${token}`;
  }
  return {
    edge,
    platform,
    admin,
    mine,
    other,
    users,
    auth: auth as Record<Persona, string>,
    logged,
    nextLine: () => new Promise((resolve) => waiting.push(resolve)),
    databaseUrl: (role) => database.url(role),
    async stop() {
      await Promise.all([admin.end(), edge.database.end()]);
      await platform.stop();
      await database.drop();
    },
  };
}
