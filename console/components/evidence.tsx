import type { JSX } from "preact";
import type { RankedSample } from "@shared/types/result.ts";
import type { Dynamics, SampleDetail } from "../api/types.ts";
import { ISSUE_WORDS, percent, score } from "../state/format.ts";
import { sampleKey } from "../state/route.ts";
import { ScoreBar } from "./marks.tsx";
import { Neighbours } from "./neighbours.tsx";

/** Neighbours, scores, how it was learned, metadata. */
export function Evidence(
  { sample, detail }: { sample: RankedSample; detail: SampleDetail | null },
): JSX.Element {
  const whole = detail && sampleKey(detail) === sampleKey(sample)
    ? detail
    : null;
  return (
    <div class="evidence">
      {whole && (
        <Neighbours
          neighbours={whole.neighbours}
          given={sample.given_label}
        />
      )}
      <div class="evidence-pair">
        <Scores sample={sample} />
        {whole && wasLearned(whole.dynamics) && (
          <Learning dynamics={whole.dynamics} />
        )}
      </div>
      <Metadata metadata={sample.metadata} />
      {whole && Object.keys(whole.details).length > 0 && (
        <details class="raw">
          <summary>What each detector saw</summary>
          {Object.entries(whole.details).map(([type, facts]) => (
            <div key={type}>
              <h4>{ISSUE_WORDS[type as keyof typeof ISSUE_WORDS] ?? type}</h4>
              <pre tabIndex={0}>{JSON.stringify(facts, null, 2)}</pre>
            </div>
          ))}
        </details>
      )}
    </div>
  );
}

function Scores({ sample }: { sample: RankedSample }): JSX.Element {
  const scores = [
    ["Mislabeled", sample.mislabeled_score, "mislabeled"],
    ["Hardness", sample.hardness, "hard"],
    ["Data error potential", sample.data_error_potential, "calm"],
    ["Outlier", sample.outlier_score, "calm"],
  ] as const;
  return (
    <section aria-labelledby="scores-title">
      <h3 id="scores-title">Scores</h3>
      <dl class="facts">
        {scores.map(([name, value, kind]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <ScoreBar
                value={value}
                kind={kind}
                title={`${name}, 1 the worst`}
              />
            </dd>
          </div>
        ))}
        {sample.mislabeled_probability !== null && (
          <div>
            <dt>Probability of error</dt>
            <dd>{percent(sample.mislabeled_probability, 0)}</dd>
          </div>
        )}
        <div>
          <dt>Predicted</dt>
          <dd>{sample.predicted_label ?? "–"}</dd>
        </div>
      </dl>
    </section>
  );
}

/** Whether a model was trained on it at all; a table without a model has no epochs. */
function wasLearned({ aum, forgetting_events: forgotten }: Dynamics): boolean {
  return aum !== null || forgotten !== null;
}

function Learning({ dynamics: d }: { dynamics: Dynamics }): JSX.Element {
  const facts: [string, string, string][] = [
    [
      "First learned",
      d.first_learned_epoch === null
        ? "never"
        : `epoch ${d.first_learned_epoch + 1}`,
      "First epoch that predicted the given label",
    ],
    [
      "Forgotten",
      d.forgetting_events === null ? "–" : `${d.forgetting_events} ×`,
      "Epochs in which a right prediction became wrong",
    ],
    ["Confidence", score(d.confidence), "Mean probability of the given label"],
    ["Variability", score(d.variability), "Its spread over the epochs"],
    [
      "AUM",
      score(d.aum),
      "Mean margin of the given label over the best other; below 0 speaks against it",
    ],
  ];
  return (
    <section aria-labelledby="learning-title">
      <h3 id="learning-title">How it was learned</h3>
      <dl class="facts">
        {facts.map(([name, value, title]) => (
          <div key={name} title={title}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function Metadata(
  { metadata }: { metadata: Readonly<Record<string, unknown>> },
): JSX.Element | null {
  const entries = Object.entries(metadata);
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="metadata-title">
      <h3 id="metadata-title">Metadata</h3>
      <dl class="facts wide">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">
              {typeof value === "object"
                ? JSON.stringify(value)
                : String(value)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
