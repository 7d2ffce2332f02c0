// deno-lint-ignore-file camelcase
import { AppError } from "@shared/errors.ts";
import type { ModelQuery } from "@shared/schemas/model.ts";
import type {
  ListedModel,
  ModelRequest,
  StoredModel,
} from "@shared/types/model.ts";
import type { Page } from "@shared/types/page.ts";
import type { Principal } from "../auth/principal.ts";
import { digestOf, sameBytes } from "./canonical.ts";
import type { Database, Transaction } from "./database.ts";
import { decodeCursor, pageOf } from "./page.ts";
import type { Content } from "./part_store.ts";

/** Models of projects. The row says whether bytes in Storage are one. */
export interface ModelStore {
  /** Makes it, without bytes, or finds it when the same request came before. */
  create(
    caller: Principal,
    modelId: string,
    request: ModelRequest,
  ): Promise<{ readonly model: StoredModel; readonly isNew: boolean }>;
  /** Notes that its bytes lie at its path. Throws `idempotency_conflict` if others do. */
  complete(
    caller: Principal,
    modelId: string,
    content: Content,
    path: string,
  ): Promise<StoredModel>;
  /** Newest first, without the names of their classes. */
  list(caller: Principal, query: ModelQuery): Promise<Page<ListedModel>>;
  /** One model that the caller may read. */
  get(caller: Principal, modelId: string): Promise<StoredModel>;
  /** Hides it for good; returns where its bytes lie, null if it has none. */
  delete(caller: Principal, modelId: string): Promise<string | null>;
}

/** Where the bytes of a model lie; one that is sent twice at once has a path for each. */
export function modelPath(
  { project_id, model_id }: Pick<StoredModel, "project_id" | "model_id">,
  upload: string,
): string {
  return `${project_id}/models/${model_id}/${upload}.onnx`;
}

/** Models in PostgreSQL. */
export function createModelStore(database: Database): ModelStore {
  return {
    create: (caller, modelId, request) =>
      database.asEdge(caller, async (sql) => {
        const digest = digestOf(request);
        const { preprocessing } = request;
        const [made] = await sql`
          insert into assay.models as m (id, project_id, name, input_kind, input_name, preprocessing, class_names, outputs, request_digest,
            created_by)
          values (${modelId}, ${request.project_id}, ${request.name}, ${request.input_kind}, ${request.input_name},
            ${preprocessing && sql.json(preprocessing as never)}, ${request
          .class_names as string[]}::text[], ${
          sql.json(request.outputs as never)
        }, ${digest}, assay.user_id())
          on conflict (id) do nothing
          returning ${columns(sql)}`;
        if (made) return { model: modelOf(made), isNew: true };
        const [row] = await sql`
          select ${
          columns(sql)
        }, m.request_digest from assay.models m where m.id = ${modelId}`;
        if (!row) {
          throw new AppError(
            "conflict",
            `Cannot make model "${modelId}": the id is taken, or was; take another`,
          );
        }
        if (!sameBytes(row.request_digest, digest)) {
          throw new AppError(
            "conflict",
            `Cannot make model "${modelId}": it exists and was made by another request`,
          );
        }
        return { model: modelOf(row), isNew: false };
      }),

    complete: (caller, modelId, { sizeBytes, sha256 }, path) =>
      database.asEdge(caller, async (sql) => {
        const [row] = await sql`
          update assay.models m set state = 'ready', size_bytes = ${sizeBytes}, sha256 = ${sha256}, storage_path = ${path}
          where m.id = ${modelId} and m.state = 'pending'
          returning ${columns(sql)}`;
        if (row) return modelOf(row);
        const model = await find(sql, modelId);
        if (
          model.size_bytes !== sizeBytes ||
          model.sha256 !== hex(sha256)
        ) throw otherBytes(modelId);
        return model;
      }),

    list: (caller, { limit, cursor, projectId, name }) =>
      database.asMember(caller, async (sql) => {
        const after = decodeCursor(cursor, ["string", "string"]);
        const rows = await sql`
          select ${
          listedColumns(sql)
        }, cardinality(m.class_names) as n_classes, m.created_at::text as at from assay.models m
          where true
            ${projectId ? sql`and m.project_id = ${projectId}` : sql``}
            ${name === null ? sql`` : sql`and m.name = ${name}`}
            ${
          after
            ? sql`and (m.created_at < ${after[0]!}::text::timestamptz
                or (m.created_at = ${after[
              0
            ]!}::text::timestamptz and m.id > ${after[1]!}::uuid))`
            : sql``
        }
          order by m.created_at desc, m.id limit ${limit + 1}`;
        return pageOf(
          rows,
          limit,
          (row) => [row.at, row.model_id],
          (row) => modelOf<ListedModel>(row),
        );
      }),

    get: (caller, modelId) =>
      database.asMember(caller, (sql) => find(sql, modelId)),

    delete: (caller, modelId) =>
      database.asEdge(caller, async (sql) => {
        const [row] = await sql`
          select m.storage_path from assay.delete_model(${modelId}) m`;
        if (!row) throw missing(modelId);
        return row.storage_path;
      }),
  };
}

/** The answer to bytes for a model that has others. */
export function otherBytes(modelId: string): AppError {
  return new AppError(
    "idempotency_conflict",
    `Cannot take model "${modelId}": it has other bytes already; make another model`,
  );
}

async function find(sql: Transaction, modelId: string): Promise<StoredModel> {
  const [row] = await sql`
    select ${columns(sql)} from assay.models m where m.id = ${modelId}`;
  if (row) return modelOf(row);
  throw missing(modelId);
}

function missing(modelId: string): AppError {
  return new AppError("not_found", `Cannot find model "${modelId}"`);
}

function modelOf<T = StoredModel>(row: Record<string, unknown>): T {
  const { size_bytes, sha256, at: _, request_digest: __, ...rest } = row;
  return {
    ...rest,
    size_bytes: size_bytes === null ? null : Number(size_bytes),
    sha256: sha256 === null ? null : hex(sha256 as Uint8Array),
  } as unknown as T;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

function columns(sql: Transaction) {
  return sql`${listedColumns(sql)}, m.class_names`;
}

function listedColumns(sql: Transaction) {
  return sql`m.id as model_id, m.project_id, m.name, m.input_kind, m.input_name, m.preprocessing, m.outputs, m.state,
    m.size_bytes, m.sha256, m.created_by, m.created_at`;
}
