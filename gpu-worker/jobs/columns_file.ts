// deno-lint-ignore-file camelcase
import {
  dictionary,
  float32,
  int32,
  tableFromArrays,
  tableToIPC,
  utf8,
} from "@uwdata/flechette";
import type { ScoreResult } from "../detectors/score_types.ts";
import type { RunSignals } from "../codecs/signals_file.ts";

/** Names of dense columns as they leave the engine: the wire's own. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Every dense column of a revision as an Arrow IPC stream: the complete copy. Labels index the run's label names, -1 is null's place.
 *
 * @param signals Ids and splits of the rows.
 * @param result What was found.
 */
export function encodeColumns(
  { splits }: RunSignals,
  { columns, issueScores, firstIssueType }: ScoreResult,
): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, unknown> = {
    id: splits.flatMap((s) => s.sampleIds),
    split: splits.flatMap((s) => s.sampleIds.map(() => s.split)),
    issue_type: firstIssueType,
  };
  const types: Record<string, unknown> = {
    id: utf8(),
    split: dictionary(utf8()),
    issue_type: dictionary(utf8()),
  };
  const put = (name: string, values: Float32Array | Int32Array) => {
    arrays[name] = values;
    types[name] = values instanceof Float32Array ? float32() : int32();
  };
  for (const [name, values] of Object.entries(columns)) {
    put(snake(name), values);
  }
  for (const [type, values] of Object.entries(issueScores)) {
    put(`${type}_issue_score`, values);
  }
  const table = tableFromArrays(arrays as never, { types: types as never });
  return tableToIPC(table, { format: "stream" }) as Uint8Array<ArrayBuffer>;
}
