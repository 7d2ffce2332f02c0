import type { Sql } from "postgres";

/** The one table that remembers what was deleted, by its ids. */
const REMEMBERS = "deletions";

/**
 * Everything that still names one of these ids: rows of any table of the schema in whose text an id stands, and objects whose path has it.
 * The catalog says which tables there are, so that a new one is looked into.
 */
export async function leftovers(
  admin: Sql,
  files: ReadonlyMap<string, unknown>,
  ids: readonly string[],
): Promise<{ rows: string[]; objects: string[] }> {
  const tables = await admin`
    select tablename as name from pg_tables where schemaname = 'assay' and tablename <> ${REMEMBERS}`;
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await admin`
      select count(*)::int as n from assay.${admin(name)} t
      where exists (select from unnest(${[
      ...ids,
    ]}::text[]) as u (id) where strpos(t::text, u.id) > 0)
        ${
      name === "jobs" || name === "tasks"
        ? admin`and t::text not like '%delete_%' and t::text not like '%removed_objects%'` // what says that it was deleted
        : admin``
    }`;
    if (found[0]!.n > 0) rows.push(`${found[0]!.n} of ${name}`);
  }
  const objects = [...files.keys()].filter((path) =>
    ids.some((id) => path.includes(id))
  );
  return { rows, objects };
}
