import type { Sql } from "postgres";

/** Keys of signatures: deliveries are signed with the current one, receivers accept both. */
export interface SigningKeys {
  /** Signs. */
  readonly current: string;
  /** Signs after a rotation. */
  readonly next: string;
}

/** The keys of the environment, or those a rotation has made of them. */
export class SigningKeyStore {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Takes the keys of the environment; those rotated since stay while the environment has the same ones. */
  async prepare({ current, next }: SigningKeys): Promise<void> {
    await this.#sql`
      insert into assay_queue.signing_keys as k (current, next, given_current, given_next)
      values (${current}, ${next}, ${current}, ${next})
      on conflict (is_only) do update
      set current = excluded.current, next = excluded.next,
          given_current = excluded.given_current, given_next = excluded.given_next
      where (k.given_current, k.given_next) is distinct from (excluded.given_current, excluded.given_next)`;
  }

  /** Those in use. */
  async get(): Promise<SigningKeys> {
    const [row] = await this
      .#sql`select current, next from assay_queue.signing_keys`;
    return { current: row!.current, next: row!.next };
  }

  /** Makes the next key the current one. */
  async rotate(fresh: string): Promise<SigningKeys> {
    const [row] = await this.#sql`
      update assay_queue.signing_keys set current = next, next = ${fresh} returning current, next`;
    return { current: row!.current, next: row!.next };
  }
}
