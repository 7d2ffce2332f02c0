// deno-lint-ignore-file camelcase -- points
import { FAULT_POINTS, type FaultPoint } from "@shared/types/fault.ts";

/** Processes that the suite ends. */
export const PROCESSES = [
  "database",
  "storage",
  "queue",
  "gateway",
  "ingest",
  "api",
  "worker",
  "client",
] as const;

/** One of {@linkcode PROCESSES}; `client` is a training that logs with the SDK. */
export type ProcessName = typeof PROCESSES[number];

/** Points of the training itself, between two calls of the SDK. */
export const CLIENT_POINTS = [
  "client_logged", // samples and some outputs handed to the SDK
  "client_finishing", // everything handed over, not finished
  "client_finished", // finish answered
  "client_rescoring", // scored, a rescoring asked for
] as const;

/** Every point of the suite, in the order of the path. */
export const POINTS: readonly Point[] = [
  "client_logged",
  ...FAULT_POINTS.slice(0, 5),
  "client_finishing",
  ...FAULT_POINTS.slice(5, 7),
  "client_finished",
  ...FAULT_POINTS.slice(7),
  "client_rescoring",
];

/** A named point of any process. */
export type Point = FaultPoint | typeof CLIENT_POINTS[number];

const UPLOAD = ["client", "gateway", "ingest", "storage", "database"] as const;
const FINISH = ["client", "gateway", "ingest", "database"] as const;
const DELIVERY = ["queue", "worker", "database"] as const;
const SCORING = [...DELIVERY, "gateway", "storage"] as const;

/** Processes that have a part in what happens at a point or right after it; the database has one in everything. */
export const PART_TAKERS: Readonly<Record<Point, readonly ProcessName[]>> = {
  client_logged: UPLOAD,
  object_written: [...UPLOAD, "worker"],
  object_recorded: [...UPLOAD, "worker"],
  upload_stored: UPLOAD,
  upload_recorded: UPLOAD,
  request_answered: [...UPLOAD, "api", "worker"],
  client_finishing: FINISH,
  finish_committed: [...FINISH, "queue"],
  finish_relayed: [...FINISH, ...DELIVERY.slice(0, 2)],
  client_finished: ["client", ...DELIVERY],
  message_kept: [...DELIVERY, "ingest"],
  message_started: DELIVERY,
  message_answered: DELIVERY,
  task_claimed: SCORING,
  samples_folded: SCORING,
  samples_encoded: SCORING,
  infer_block_written: SCORING,
  infer_block_noted: SCORING,
  stage_completed: DELIVERY,
  compute_done: SCORING,
  results_written: DELIVERY,
  revision_published: [...DELIVERY, "api"],
  client_rescoring: ["client", ...DELIVERY],
  job_read: ["api", "gateway", "client", "database"],
};

/** Which process passes a point itself; the others are ended from there at the same moment. */
export function ownerOf(point: Point): ProcessName {
  if (point.startsWith("client_")) return "client";
  if (point.startsWith("object_")) return "storage";
  if (/^(upload|finish)_/.test(point)) return "ingest";
  if (point.startsWith("message_")) return "queue";
  if (point === "request_answered") return "gateway";
  return point === "job_read" ? "api" : "worker";
}
