import { Buffer } from "node:buffer";
import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import { answer, callerOf, JsonBody } from "./request.ts";

const COLUMNS = ["name", "created_at", "updated_at"] as const;
const ORDERS = ["asc", "desc"] as const;
const MOST_ENTRIES = 1000;

/** Where the next page begins. */
interface Cursor {
  readonly after: string;
  readonly order: typeof ORDERS[number];
  readonly column: typeof COLUMNS[number];
  /** Value of the column in the entry named by `after`, as an ISO date. */
  readonly value: string;
}

/** POST `/object/list-v2/<bucket>`: what a prefix matches, by cursor; with a delimiter, folders stand for what lies in them. */
export function listV2Routes(deps: StorageDeps): Hono {
  const routes = new Hono();
  routes.post("/:bucket", async (c) => {
    const caller = await callerOf(deps, c);
    const body = await JsonBody.of(c);
    const prefix = body.textOr("prefix", "");
    const limit = Math.min(
      body.integer("limit", 1, MOST_ENTRIES),
      MOST_ENTRIES,
    );
    const isFolded = body.raw("with_delimiter") === true;
    const sortBy = body.within("sortBy");
    const text = body.textOr("cursor", null);
    const cursor: Cursor = text !== null ? decode(text) : {
      after: "",
      order: sortBy?.choice("order", ORDERS, "asc") ?? "asc",
      column: sortBy?.choice("column", COLUMNS, "name") ?? "name",
      value: "",
    };
    const level = prefix.split("/").length;
    const entries = await deps.rows.as(caller, (sql) => {
      const isDescending = cursor.order === "desc";
      const direction = isDescending ? sql`desc` : sql`asc`;
      const beyond = isDescending ? sql`<` : sql`>`;
      const value = cursor.column === "name"
        ? sql`'epoch'::timestamptz`
        : sql`coalesce(date_trunc('milliseconds', ${
          sql(cursor.column)
        }), 'epoch')`;
      const start = cursor.after === "" ? sql`true` : sql`
        (${value}, name collate "C") ${beyond} (${
        cursor.value || "epoch"
      }::text::timestamptz, ${cursor.after})`;
      return sql`
        with inside as (
          select o.*, case when ${isFolded} then strpos(substr(o.name, ${
        prefix.length + 1
      }), '/') else 0 end as at
          from storage.objects o
          where o.bucket_id = ${
        c.req.param("bucket")
      } and starts_with(o.name, ${prefix})
        ), entries as (
          select name, id, updated_at, created_at, last_accessed_at, metadata from inside where at = 0
          union all
          select distinct left(name, ${prefix.length} + at), null::uuid, null::timestamptz, null::timestamptz,
            null::timestamptz, null::jsonb
          from inside where at > 0
        )
        select split_part(name, '/', ${level}) as key, * from entries where ${start}
        order by ${value} ${direction}, name collate "C" ${direction}
        limit ${limit + 1}`;
    });
    const page = entries.slice(0, limit).map(({ key, ...entry }) =>
      isFolded ? { key, ...entry } : entry
    ) as { id: string | null; name: string; created_at: Date | null }[];
    const last = page.at(-1);
    const next = entries.length > limit && last
      ? {
        nextCursor: encode(cursor, sortBy !== null, last),
        nextCursorKey: last.name,
      }
      : {};
    return answer({
      hasNext: entries.length > limit,
      ...next,
      folders: page.filter((entry) => entry.id === null),
      objects: page.filter((entry) => entry.id !== null),
    });
  });
  return routes;
}

/** One line for each thing that is said: the form of Storage's own cursors. */
function encode(
  { order, column }: Cursor,
  isSorted: boolean,
  last: Readonly<Record<string, unknown>>,
): string {
  const lines = [`l:${last.name}`];
  if (isSorted || order !== "asc" || column !== "name") {
    lines.push(`o:${order}`, `c:${column}`);
  }
  const value = column === "name" ? null : last[column] as Date | null;
  if (value) lines.push(`a:${value.toISOString()}`);
  return Buffer.from(lines.join("\n")).toString("base64");
}

function decode(text: string): Cursor {
  const said = new Map<string, string>();
  for (const line of Buffer.from(text, "base64").toString().split("\n")) {
    const [, key, value] = /^([loca]):(.*)$/.exec(line) ?? [];
    if (key === undefined) {
      throw new StorageError(
        "InvalidParameter",
        "Invalid Parameter continuation token",
      );
    }
    said.set(key, value!);
  }
  const value = said.get("a") ?? "";
  return {
    after: said.get("l") ?? "",
    order: said.get("o") === "desc" ? "desc" : "asc",
    column: COLUMNS.find((name) => name === said.get("c")) ?? "name",
    value: Number.isNaN(Date.parse(value)) ? "" : value,
  };
}
