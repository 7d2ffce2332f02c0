// deno-lint-ignore-file camelcase
import { Hono } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import type { BucketRow } from "../rows.ts";
import { ownerOf } from "../objects.ts";
import { answer, callerOf, checkBucketName, JsonBody } from "./request.ts";

const SIZE_REGEXP = /^(\d+(?:\.\d+)?)(gb|mb|kb|b)$/i;
const TYPE_REGEXP = /^([\w.+-]+)\/([\w.+-]+|\*)(;\s*charset=[\w-]+)?$|^\*$/;
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
};
const SORTABLE = ["id", "name", "created_at", "updated_at"] as const;

/** `/bucket`: create, list, get, update, empty, delete. */
export function bucketRoutes(deps: StorageDeps): Hono {
  const routes = new Hono();
  const { rows, objects, mostBytes } = deps;

  routes.post("/", async (c) => {
    const caller = await callerOf(deps, c);
    const body = await JsonBody.of(c);
    const name = body.text("name");
    const id = body.textOr("id", "") || name;
    checkBucketName(name);
    checkBucketName(id);
    const { changes } = changesOf(body, mostBytes);
    const owner_id = ownerOf(caller);
    const made = await rows.as(caller, (sql) =>
      sql`
      insert into storage.buckets ${
        sql({ id, name, owner_id, public: false, ...changes })
      } on conflict do nothing returning 1`);
    if (made.length === 0) throw new StorageError("BucketAlreadyExists");
    return answer({ name });
  });

  routes.get("/", async (c) => {
    const caller = await callerOf(deps, c);
    const { limit, offset, sortColumn = "name", sortOrder, search = "" } = c.req
      .query();
    const column = SORTABLE.find((name) => name === sortColumn) ?? "name";
    const found = await rows.as(caller, (sql) =>
      sql`
      select * from storage.buckets
      where position(lower(${search}) in lower(name)) > 0
      order by ${sql(column)} ${sortOrder === "desc" ? sql`desc` : sql`asc`}
      limit ${Number(limit) || null} offset ${Number(offset) || 0}`);
    return answer(
      found.map((row) => ({
        ...shown(row as unknown as BucketRow),
        type: "STANDARD",
      })),
    );
  });

  routes.get("/:id", async (c) => {
    const caller = await callerOf(deps, c);
    const [row] = await rows.as(caller, (sql) =>
      sql`
      select * from storage.buckets where id = ${c.req.param("id")}`);
    if (!row) throw new StorageError("NoSuchBucket");
    return answer(shown(row as unknown as BucketRow));
  });

  routes.put("/:id", async (c) => {
    const caller = await callerOf(deps, c);
    const { changes, isEmpty } = changesOf(await JsonBody.of(c), mostBytes);
    if (isEmpty) {
      throw new StorageError("InvalidRequest", "No content provided");
    }
    const changed = await rows.as(caller, (sql) =>
      sql`
      update storage.buckets set ${sql(changes)}, updated_at = now()
      where id = ${c.req.param("id")} returning 1`);
    if (changed.length === 0) throw new StorageError("NoSuchBucket");
    return answer({ message: "Successfully updated" });
  });

  routes.post("/:id/empty", async (c) => {
    const caller = await callerOf(deps, c);
    const id = c.req.param("id");
    const [row] = await rows.as(caller, (sql) =>
      sql`
      select 1 from storage.buckets where id = ${id}`);
    if (!row) throw new StorageError("NoSuchBucket");
    await objects.empty(caller, id);
    return answer({
      message:
        "Empty bucket has been queued. Completion may take up to an hour.",
    });
  });

  routes.delete("/:id", async (c) => {
    const caller = await callerOf(deps, c);
    const id = c.req.param("id");
    await rows.bucket(id);
    if (await rows.holdsObjects(id)) throw new StorageError("ResourceNotEmpty");
    const removed = await rows.as(caller, (sql) =>
      sql`
      delete from storage.buckets where id = ${id} returning 1`)
      .catch((error) => {
        const isHeld = error instanceof StorageError &&
          error.kind === "NoSuchRelation"; // an object came meanwhile
        throw isHeld ? new StorageError("ResourceNotEmpty") : error;
      });
    if (removed.length === 0) throw new StorageError("NoSuchBucket");
    return answer({ message: "Successfully deleted" });
  });
  return routes;
}

/** Settings that a body names; what it does not name stays. */
function changesOf(body: JsonBody, mostBytes: number) {
  const changes: Record<string, boolean | number | string[] | null> = {};
  const isPublic = body.raw("public");
  if (isPublic !== undefined) changes.public = isPublic === true;
  const limit = body.raw("file_size_limit");
  if (limit !== undefined) changes.file_size_limit = bytesOf(limit, mostBytes);
  const types = body.raw("allowed_mime_types");
  if (types === null) changes.allowed_mime_types = null;
  else if (types !== undefined) {
    changes.allowed_mime_types = (types as string[]).map((type) => {
      if (TYPE_REGEXP.test(type)) return type;
      throw new StorageError(
        "InvalidMimeType",
        `mime type ${type} is not supported`,
      );
    });
  }
  return { changes, isEmpty: Object.keys(changes).length === 0 };
}

function bytesOf(limit: unknown, mostBytes: number): number | null {
  if (limit === null) return null;
  const [, amount = "", unit = ""] = SIZE_REGEXP.exec(String(limit)) ?? [];
  if (typeof limit !== "number" && amount === "") {
    throw new StorageError(
      "InvalidRequest",
      "Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B",
    );
  }
  const bytes = typeof limit === "number"
    ? limit
    : Math.floor(Number(amount) * UNITS[unit.toLowerCase()]!);
  if (bytes > mostBytes) throw new StorageError("EntityTooLarge");
  return bytes;
}

function shown(row: BucketRow): Record<string, unknown> {
  return {
    id: row.id,
    name: row.name,
    owner: row.owner ?? "",
    public: row.public,
    file_size_limit: row.file_size_limit === null
      ? null
      : Number(row.file_size_limit),
    allowed_mime_types: row.allowed_mime_types,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
