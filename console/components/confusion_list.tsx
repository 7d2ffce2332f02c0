import type { JSX } from "preact";
import type { LabelConfusion } from "@shared/types/result.ts";
import { count, counted } from "../state/format.ts";
import { useDeps, useRun } from "./context.ts";
import { LabelChange } from "./marks.tsx";

const SHOWN = 6;
const LONG_CHARS = 16;

/** A pair of labels over the splits shown. */
export interface LabelPair {
  readonly given: string;
  readonly suggested: string;
  readonly flagged: number;
}

/** The pairs of one split, or of all together; most flagged first. */
export function labelPairs(
  rows: readonly LabelConfusion[],
  split: string | undefined,
): LabelPair[] {
  const pairs = new Map<string, LabelPair>();
  for (const row of rows) {
    if (split && row.split !== split) continue;
    const { given_label: given, suggested_label: suggested } = row;
    const key = JSON.stringify([given, suggested]);
    const flagged = (pairs.get(key)?.flagged ?? 0) + row.n_flagged;
    pairs.set(key, { given, suggested, flagged });
  }
  return [...pairs.values()].sort((a, b) => b.flagged - a.flagged);
}

/** Which labels stand where which others should; a click shows those samples. */
export function ConfusionList(): JSX.Element | null {
  const { place } = useDeps();
  const { store } = useRun();
  const { label, suggested, split } = store.filters.value;
  const names = store.run.value?.label_names ?? [];
  const pairs = labelPairs(store.confusions.value, split).slice(0, SHOWN);
  if (pairs.length === 0) return null;
  const most = pairs[0]!.flagged;
  const isLong = pairs.some((p) =>
    p.given.length + p.suggested.length > LONG_CHARS
  );
  const isChosen = (pair: LabelPair) =>
    pair.given === label && pair.suggested === suggested;
  return (
    <section aria-labelledby="confusions-title">
      <h2 id="confusions-title">Label confusions</h2>
      <ul class="confusions" data-long={isLong}>
        {pairs.map((pair) => (
          <li key={`${pair.given} ${pair.suggested}`}>
            <button
              type="button"
              aria-pressed={isChosen(pair)}
              title={`Given “${pair.given}”, more likely “${pair.suggested}”: ${
                counted(pair.flagged, "sample")
              }`}
              onClick={() =>
                place.filter(
                  isChosen(pair)
                    ? { label: null, suggested: null }
                    : { label: pair.given, suggested: pair.suggested },
                )}
            >
              <LabelChange
                given={pair.given}
                suggested={pair.suggested}
                names={names}
              />
              <span class="share" aria-hidden="true">
                <span style={{ width: `${pair.flagged / most * 100}%` }} />
              </span>
              <span class="number">{count(pair.flagged)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
