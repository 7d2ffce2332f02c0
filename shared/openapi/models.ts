import {
  modelAnnouncementSchema,
  modelQuerySchema,
  modelRequestSchema,
} from "../schemas/model.ts";
import type { Operation } from "./operation.ts";

const SHA256 =
  "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

/**
 * Routes about stored models.
 *
 * @returns Operations by route, as {@linkcode ROUTES} names them.
 */
export function modelOperations(): Record<string, Operation> {
  const base = "/api/v1/models";
  const one = `${base}/:model_id`;
  const announced = {
    body: {
      schema: modelAnnouncementSchema(),
      example: { size_bytes: 83_886_080, sha256: SHA256 },
    },
  };
  return {
    [`GET ${base}`]: {
      summary: "List models",
      query: modelQuerySchema(),
      answers: {
        200: {
          says: "Newest first; names of classes come with one model alone.",
          schema: "Models",
        },
      },
    },
    [`PUT ${one}`]: {
      summary: "Say what a model is",
      description:
        "The caller makes the id, so that a retry changes nothing. Its bytes follow: an ONNX file of one input and without external data, which a job `rescore_run` that names the model runs over the samples, in a process of its own. What does not fit is found then, and the job says it.",
      body: {
        schema: modelRequestSchema(),
        example: {
          project_id: "0b0c7c4e-57b5-4f0c-9a5e-3a3c0f7d1c11",
          name: "resnet18, fold 3",
          input_kind: "image",
          preprocessing: {
            width: 224,
            height: 224,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
          },
          class_names: ["cat", "dog"],
          outputs: { logits: "logits", embedding: "embedding" },
        },
      },
      answers: {
        200: { says: "It was made before, the same.", schema: "Model" },
        201: { says: "Made; its bytes are missing.", schema: "Model" },
      },
      errors: ["conflict"],
    },
    [`GET ${one}`]: {
      summary: "Read a model",
      answers: { 200: { says: "What it is.", schema: "Model" } },
    },
    [`DELETE ${one}`]: {
      summary: "Delete a model",
      answers: { 204: { says: "Gone." } },
    },
    [`PUT ${one}/bytes`]: {
      summary: "Send the bytes of a model",
      description:
        "At most 32 MB; larger ones, up to 256 MB, go straight to Storage, by `sign` and `complete`.",
      stream: { "application/octet-stream": undefined },
      answers: {
        200: { says: "Taken; or the same were before.", schema: "Model" },
      },
      errors: ["idempotency_conflict", "too_large"],
    },
    [`POST ${one}/sign`]: {
      summary: "Ask where to put the bytes of a large model",
      description:
        "Then send them with PUT to `upload_url`, and complete the model.",
      ...announced,
      answers: {
        200: { says: "These bytes were taken before.", schema: "Model" },
        201: { says: "Where to put them.", schema: "ModelUpload" },
      },
      errors: ["idempotency_conflict"],
    },
    [`POST ${one}/complete`]: {
      summary: "Say that the bytes of a large model lie in Storage",
      ...announced,
      answers: {
        200: { says: "Taken; or they were before.", schema: "Model" },
      },
      errors: ["conflict", "idempotency_conflict"],
    },
  };
}
