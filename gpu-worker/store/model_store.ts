import { AppError } from "@shared/errors.ts";
import type { ModelRequest } from "@shared/types/model.ts";
import type { Sql } from "postgres";

/** A stored model, with where its bytes lie. */
export interface ModelRow extends
  Pick<
    ModelRequest,
    | "name"
    | "input_kind"
    | "input_name"
    | "preprocessing"
    | "class_names"
    | "outputs"
  > {
  readonly storagePath: string;
  /** Of its bytes, as they were received or announced. */
  readonly sha256: Uint8Array;
}

/** Models of projects. */
export interface ModelStore {
  /** A model of the project. Throws `unusable_input` if it was deleted, or its bytes never came. */
  model(projectId: string, modelId: string): Promise<ModelRow>;
}

/** Models in PostgreSQL. */
export function createModelStore(sql: Sql): ModelStore {
  return {
    async model(projectId, modelId) {
      const [row] = await sql`
        select m.* from assay.models m where m.id = ${modelId} and m.project_id = ${projectId} and m.deleted_at is null`;
      if (!row || row.state !== "ready") {
        throw new AppError(
          "unusable_input",
          `Cannot use model "${modelId}": ${
            row ? "its bytes were never sent" : "it was deleted"
          }`,
        );
      }
      const {
        name,
        input_kind,
        input_name,
        preprocessing,
        class_names,
        outputs,
      } = row;
      return {
        ...{ name, input_kind, input_name, preprocessing, class_names },
        outputs,
        storagePath: row.storage_path,
        sha256: row.sha256,
      };
    },
  };
}
