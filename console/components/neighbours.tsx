import type { JSX } from "preact";
import type { Neighbour } from "../api/types.ts";
import { oneLine, score } from "../state/format.ts";
import { sampleKey } from "../state/route.ts";
import { useDeps, useRun } from "./context.ts";
import { Label } from "./marks.tsx";

/** What lies nearest in the model's eyes, with the labels given there. */
export function Neighbours(
  { neighbours, given }: {
    neighbours: readonly Neighbour[];
    given: string | null;
  },
): JSX.Element | null {
  const { place } = useDeps();
  const { store } = useRun();
  const names = store.run.value?.label_names ?? [];
  if (neighbours.length === 0) return null;
  const same = neighbours.filter((n) => n.given_label === given).length;
  return (
    <section aria-labelledby="neighbours-title">
      <h3 id="neighbours-title">
        Nearest neighbours {given !== null && (
          <span class="note">
            {same} of {neighbours.length} are {given}
          </span>
        )}
      </h3>
      <ol class="neighbours">
        {neighbours.map((n) => (
          <li key={sampleKey(n)}>
            <button
              type="button"
              onClick={() => place.adjust({ at: sampleKey(n) })}
            >
              <Label name={n.given_label} names={names} />
              <span class="neighbour-text" dir="auto">
                {oneLine(n.text_preview ?? n.sample_id)}
              </span>
              <span class="number" title="Cosine similarity">
                {score(n.similarity)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
