// deno-lint-ignore-file camelcase
import { z } from "zod";
import type {
  CalibrationReport,
  LabelNoiseReport,
  RepresentationReport,
  RunReport,
  SplitReport,
} from "../types/report.ts";

const size = z.int().min(0);
const share = z.number().min(0).max(1);

const calibration: z.ZodType<CalibrationReport> = z.strictObject({
  is_out_of_sample: z.boolean(),
  n: size,
  expected_calibration_error: share,
  temperature: z.number().positive(),
  bins: z.array(z.strictObject({
    n: size,
    confidence: share,
    accuracy: share,
    accuracy_low: share,
    accuracy_high: share,
  })),
});

const label_noise: z.ZodType<LabelNoiseReport> = z.strictObject({
  judge: z.enum(["model", "probe"]),
  n: size,
  share,
  pairs: z.array(z.strictObject({
    given_label: z.string(),
    true_label: z.string(),
    n: z.number().min(0),
    share_of_given: share,
  })),
});

const splitReport: z.ZodType<SplitReport> = z.strictObject({
  split: z.enum(["training", "validation", "test", "inference"]),
  imbalance_ratio: z.number().min(1).nullable(),
  confusion_matrix: z.array(z.strictObject({
    given_label: z.string(),
    predicted_label: z.string(),
    n: size,
  })),
  classes: z.array(z.strictObject({
    label: z.string(),
    n_given: size,
    effective_number: z.number().min(0),
  })),
  calibration: calibration.nullable(),
  label_noise: label_noise.nullable(),
});

const representation: z.ZodType<RepresentationReport> = z.strictObject({
  source: z.enum(["embedding", "view"]),
  width: size,
  effective_rank: z.number().nullable(),
  silhouette: z.number().min(-1).max(1).nullable(),
  neighbour_purity: share.nullable(),
  probe_accuracy: share.nullable(),
  classes: z.array(z.strictObject({
    label: z.string(),
    neighbour_purity: share.nullable(),
    silhouette: z.number().min(-1).max(1).nullable(),
    probe_accuracy: share.nullable(),
    separability: z.number().min(0).nullable(),
    nearest_label: z.string().nullable(),
  })),
});

/** `GET /runs/{run_id}/report`. */
export const runReport: z.ZodType<RunReport> = z.strictObject({
  splits: z.array(splitReport),
  representation: representation.nullable(),
});
