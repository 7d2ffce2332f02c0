// deno-lint-ignore-file camelcase
/**
 * What the edge answers of stored models.
 *
 * @module
 */
import { z } from "zod";
import type { ListedModel, ModelUpload, StoredModel } from "../types/model.ts";
import { instant, size, uuid } from "./_answer_fields.ts";

const modelFields = {
  model_id: uuid,
  project_id: uuid,
  name: z.string(),
  input_kind: z.enum(["features", "image", "text"]),
  input_name: z.string().nullable(),
  preprocessing: z.strictObject({
    width: z.int().min(1),
    height: z.int().min(1),
    layout: z.enum(["nchw", "nhwc"]),
    value_range: z.number(),
    mean: z.array(z.number()),
    std: z.array(z.number()),
    fit: z.enum(["fill", "cover"]),
  }).nullable(),
  outputs: z.strictObject({
    logits: z.string().nullable(),
    probs: z.string().nullable(),
    embedding: z.string().nullable(),
  }),
  state: z.enum(["pending", "ready"]),
  size_bytes: size.nullable(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/).nullable(),
  created_by: uuid.nullable(),
  created_at: instant,
};
export const model: z.ZodType<StoredModel> = z.strictObject({
  ...modelFields,
  class_names: z.array(z.string()),
});
export const listedModel: z.ZodType<ListedModel> = z.strictObject({
  ...modelFields,
  n_classes: size,
});
export const modelUpload: z.ZodType<ModelUpload> = z.strictObject({
  model_id: uuid,
  bucket: z.string(),
  path: z.string(),
  upload_url: z.string().meta({ format: "uri" }),
  token: z.string(),
  expires_at: instant,
});
