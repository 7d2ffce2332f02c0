import type { RunOverview } from "@shared/types/run.ts";
import type { SampleDetail } from "../api/types.ts";
import { PROJECT_ID } from "./fake_api.ts";

/** A scored run over `samples`. */
export function madeRun(
  samples: readonly SampleDetail[],
  changes: Partial<RunOverview> = {},
): RunOverview {
  const count = (type: SampleDetail["issue_types"][number]) =>
    samples.filter((s) => s.issue_types.includes(type)).length;
  const flagged = count("mislabeled");
  return {
    run_id: "0b5c2f7a-3f4e-4a8e-9a55-1d2f6f1f9c01",
    project_id: PROJECT_ID,
    dataset_id: "9d2b1c34-8a7f-4f0e-b1de-73d2f3c0a001",
    dataset: "mails",
    name: "mails, hashed n-grams",
    attempt: 1,
    state: "closed",
    incomplete: false,
    label_names: ["ham", "spam"],
    job_id: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    job_state: "succeeded",
    revision_id: "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    revision_number: 1,
    summary: {
      verdict: `${flagged} of ${
        samples.length.toLocaleString("en")
      } samples are likely mislabeled, mostly ham that is spam. Review those first: the next page of the list is mostly right.`,
      n_samples: samples.length,
      n_classes: 2,
      n_epochs: 12,
      issue_counts: {
        mislabeled: flagged,
        label_conflict: count("label_conflict"),
        near_duplicate: count("near_duplicate"),
        ambiguous: count("ambiguous"),
        hard: count("hard"),
      },
      estimated_noise_rate: 0.048,
      noise_rate_interval: { low: 0.022, high: 0.097 },
      expected_errors: {
        basis: "scores",
        top: [{ n: 100, mean: 47.3, low: 30.8, high: 61.2 }],
        flagged: { n: flagged, mean: 40, low: 20, high: 60 },
        all: { n: 1000, mean: 48, low: 22, high: 97 },
      },
      n_row_problems: 3,
      accuracy: { training: 0.951, validation: 0.927 },
    },
    created_at: new Date(Date.now() - 4 * 60_000).toISOString(),
    ...changes,
  };
}
