// deno-lint-ignore-file camelcase
import type { IssueType } from "@shared/types/issue.ts";
import type { Project } from "@shared/types/project.ts";
import type { ThresholdRange } from "@shared/types/threshold.ts";

export type {
  Neighbour,
  SampleDetail,
  SampleDynamics as Dynamics,
} from "@shared/types/sample.ts";

/** Answer of `GET /thresholds`. */
export type ThresholdRanges = Readonly<
  Partial<Record<IssueType, Readonly<Record<string, ThresholdRange>>>>
>;

/** Answer of `GET /me`. */
export interface Me {
  readonly kind: "person" | "key";
  readonly user_id: string | null;
  readonly key_id: string | null;
  readonly projects: readonly Project[];
}
