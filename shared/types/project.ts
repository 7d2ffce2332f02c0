// deno-lint-ignore-file camelcase
/** What a member may do. */
export type MemberRole = "viewer" | "editor" | "owner";

/** What an API key may do. */
export type KeyScope = "ingest" | "read" | "write" | "admin";

/** A project as its members see it. */
export interface Project {
  /** The project. */
  readonly project_id: string;
  /** Its name. */
  readonly name: string;
  /** The caller's role; null when the caller is a key. */
  readonly role: MemberRole | null;
  /** Days a run is kept after it was closed; null: until somebody deletes it. */
  readonly retention_days: number | null;
  /** Days its uploads are kept, if that is shorter; null: as long as the run. */
  readonly parts_retention_days: number | null;
  /** ISO 8601. */
  readonly created_at: string;
}

/** A member of a project. */
export interface Member {
  /** Supabase Auth user. */
  readonly user_id: string;
  /** What they may do. */
  readonly role: MemberRole;
  /** ISO 8601. */
  readonly created_at: string;
}

/** An API key; its secret is shown once, when it is made. */
export interface ApiKey {
  /** The key. */
  readonly key_id: string;
  /** First part of the token, to recognise it by. */
  readonly prefix: string;
  /** What it is for. */
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly KeyScope[];
  /** ISO 8601. */
  readonly created_at: string;
  /** ISO 8601; null: never used. */
  readonly last_used_at: string | null;
  /** ISO 8601; null: never. */
  readonly expires_at: string | null;
}
