import type { Sql } from "postgres";

/** A destination in a URL group. */
export interface Endpoint {
  /** Its URL. */
  readonly url: string;
  /** Its name, if it has one. */
  readonly name?: string;
}

/** A URL group, "topic" on the wire: what is published to it goes to each endpoint. */
export interface Topic {
  /** Its name. */
  readonly name: string;
  /** At least one. */
  readonly endpoints: readonly Endpoint[];
  /** When it was made. */
  readonly createdAt: Date;
  /** When it was last changed. */
  readonly updatedAt: Date;
}

/** URL groups. */
export class TopicStore {
  readonly #sql: Sql;

  /** Of these connections. */
  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All groups, or the one of a name. */
  async list(name: string | null = null): Promise<Topic[]> {
    const rows = await this.#sql`
      select * from assay_queue.topics where ${name}::text is null or name = ${name} order by name`;
    return rows.map((row) => ({
      name: row.name,
      endpoints: row.endpoints,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }));
  }

  /** The group of a name; null if there is none. */
  async get(name: string): Promise<Topic | null> {
    return (await this.list(name))[0] ?? null;
  }

  /**
   * Changes a group's endpoints; makes the group if there is none, and forgets it when no endpoint is left.
   *
   * @param change Endpoints as they are to be, from those there are.
   */
  async change(
    name: string,
    change: (endpoints: readonly Endpoint[]) => readonly Endpoint[],
    nowMs: number,
  ): Promise<void> {
    const now = new Date(nowMs);
    await this.#sql.begin(async (tx) => {
      await tx`
        insert into assay_queue.topics (name, endpoints, created_at, updated_at)
        values (${name}, '[]', ${now}, ${now}) on conflict do nothing`;
      const [row] = await tx`
        select endpoints from assay_queue.topics where name = ${name} for update`;
      const endpoints = change(row!.endpoints);
      await tx`
        update assay_queue.topics set endpoints = ${
        tx.json(endpoints as never)
      }, updated_at = ${now} where name = ${name}`;
      await tx`
        delete from assay_queue.topics where name = ${name} and endpoints = '[]'`;
    });
  }

  /** Forgets a group; whether there was one. */
  async remove(name: string): Promise<boolean> {
    const rows = await this
      .#sql`delete from assay_queue.topics where name = ${name} returning 1`;
    return rows.length > 0;
  }
}
