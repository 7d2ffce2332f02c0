import type { Point } from "../points.ts";
import type { Scenario } from "../scenario.ts";
import { skewed, skewedWorker } from "./clocks.ts";
import { lateParts } from "./generations.ts";
import {
  connectionsCut,
  databaseRestarted,
  diskFull,
  frozenProcess,
  queueDown,
  storageAnswers,
} from "./outages.ts";
import { pythonKilled } from "./python.ts";
import {
  duplicates,
  frozenInferring,
  frozenWorker,
  twoLastTasks,
  twoWorkers,
} from "./workers.ts";

/** Where a training in Python is ended. */
const PYTHON_POINTS: readonly Point[] = [
  "upload_recorded",
  "client_logged",
  "client_finishing",
  "finish_committed",
  "client_finished",
  "results_written",
];

/** One of each sort. */
export const QUICK_SCENARIOS: readonly Scenario[] = [
  twoWorkers,
  frozenWorker,
  frozenInferring,
  twoLastTasks,
  duplicates,
  lateParts,
  pythonKilled(PYTHON_POINTS[0]!),
  skewed(["ingest", "api"], 1),
  skewedWorker(-1),
  diskFull("upload"),
  diskFull("samples_folded"),
  storageAnswers(429),
  queueDown,
  databaseRestarted,
  connectionsCut,
  frozenProcess("storage"),
];

/** Every fault that is no kill. */
export const SCENARIOS: readonly Scenario[] = [
  ...QUICK_SCENARIOS,
  ...PYTHON_POINTS.slice(1).map(pythonKilled),
  skewed(["ingest", "api"], -1),
  skewed(["storage"], 1),
  skewed(["storage"], -1),
  skewedWorker(1),
  storageAnswers(500),
  storageAnswers(503),
  ...(["database", "queue", "gateway", "ingest", "api"] as const)
    .map(frozenProcess),
];
