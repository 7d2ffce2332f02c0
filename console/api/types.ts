// deno-lint-ignore-file camelcase
import type { Project } from "@shared/types/project.ts";

export type {
  Neighbour,
  SampleDetail,
  SampleDynamics as Dynamics,
} from "@shared/types/sample.ts";

/** Answer of `GET /me`. */
export interface Me {
  readonly kind: "person" | "key";
  readonly user_id: string | null;
  readonly key_id: string | null;
  readonly projects: readonly Project[];
}
