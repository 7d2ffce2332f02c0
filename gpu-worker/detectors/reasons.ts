// deno-lint-ignore-file camelcase -- issue types are keys
import type { IssueType } from "@shared/types/issue.ts";
import type { SampleIssue } from "./score_types.ts";

/** Names that reasons are told with. */
export interface ReasonNames {
  /** Class names in logit order. */
  readonly labelNames: readonly string[];
  /** Id of the sample of a row; null if unknown. */
  sampleId(row: number): string | null;
}

/**
 * Why a sample was flagged, in one sentence without a final period: the first
 * issue in full, the others by name.
 *
 * @param issues Findings about one sample, in the order of `ISSUE_TYPES`.
 * @param names Names of classes and samples.
 * @returns The sentence; empty for no issue.
 *
 * @example
 * ```ts
 * import { reasonOf } from "./reasons.ts";
 * import assert from "node:assert/strict";
 *
 * const names = { labelNames: ["ham", "spam"], sampleId: () => null };
 * assert.equal(reasonOf([], names), "");
 * ```
 */
export function reasonOf(
  issues: readonly SampleIssue[],
  names: ReasonNames,
): string {
  const [first, ...others] = issues;
  if (!first) return "";
  const also = others.map((issue) => OTHERS[issue.issueType]);
  const sentence = SENTENCES[first.issueType]?.(first.details, names) ??
    OTHERS[first.issueType];
  return sentence + (also.length ? ` (also ${also.join(", ")})` : "");
}

type Details = SampleIssue["details"];

const OTHERS: Readonly<Record<IssueType, string>> = {
  mislabeled: "likely mislabeled",
  label_conflict: "a copy has another label",
  leakage: "a copy is in the training data",
  near_duplicate: "near duplicate",
  garbage: "garbage",
  outlier: "outlier",
  ambiguous: "ambiguous",
  hard: "hard",
  boundary: "on the boundary",
};

/** How a near duplicate was found. */
const SAME: Readonly<Record<string, string>> = {
  identical: "Has the same content as",
  text: "Says almost the same as",
  embedding: "Looks the same to the model as",
  image: "Looks almost the same as",
  columns: "Has almost the same features as",
};

const SENTENCES: Readonly<
  Partial<Record<IssueType, (d: Details, names: ReasonNames) => string>>
> = {
  mislabeled(d, names) {
    const given = label(d.given_label, names);
    const suggested = label(d.suggested_label, names);
    const votes: string[] = [];
    const [epochs, against] = [count(d.epochs), count(d.epochs_for_suggested)];
    if (d.judge === "probe") {
      votes.push(
        `a probe that did not see it gives ${suggested} ${
          probePercent(d.suggested_probability)
        }`,
      );
    } else if (d.is_out_of_sample && against > 0) {
      votes.push(`the model, which was not trained on it, says ${suggested}`);
    } else if (2 * against > epochs) {
      votes.push(
        epochs === 1
          ? `the model said ${suggested}`
          : `the model said ${suggested} in ${against} of ${epochs} epochs`,
      );
    } else {
      // it came to say the given label, maybe by heart: its opinion before counts
      const earlier = epochs > 1 && against > 0
        ? ` before it learned the label (${against} of ${epochs} epochs said ${suggested})`
        : "";
      votes.push(
        `the model gave ${suggested} ${
          percent(d.suggested_probability)
        } and the label ${percent(d.given_probability)}${earlier}`,
      );
    }
    const [near, nearAgainst] = [
      count(d.neighbours),
      count(d.neighbours_for_suggested),
    ];
    if (2 * nearAgainst > near) {
      votes.push(
        near === 1
          ? `its only neighbour is labelled ${suggested}`
          : `${nearAgainst} of its ${near} nearest neighbours are labelled ${suggested}`,
      );
    }
    if (d.probe_label === d.suggested_label && d.probe_sees !== undefined) {
      votes.push(
        `a probe on its ${d.probe_sees} that did not see it gives ${suggested} ${
          probePercent(d.probe_suggested_probability)
        }`,
      );
      const isModelAgainst = 2 * against <= epochs && !d.is_out_of_sample &&
        count(d.given_probability) > count(d.suggested_probability);
      if (isModelAgainst) votes.push(`${votes.pop()}, while ${votes.shift()}`);
    }
    return d.judge === "probe" && votes.length > 1
      ? `Labelled ${given}, but samples like it are ${suggested}: ${
        votes.join(", and ")
      }`
      : `Labelled ${given}, but ${and(votes)}`;
  },
  label_conflict(d, names) {
    const given = label(d.given_label, names);
    const other = label(d.other_label, names);
    const [size, otherwise] = [
      count(d.group_size),
      count(d.labelled_otherwise),
    ];
    return size === 2
      ? `Labelled ${given}, but ${sample(d.partner, names, "a sample")} ${
        likeness(d, "says", "is")
      } and is labelled ${other}`
      : `Labelled ${given}, but ${otherwise} of ${size - 1} samples that ${
        likeness(d, "say", "are")
      } are labelled otherwise, such as ${
        sample(d.partner, names, "one")
      } (${other})`;
  },
  leakage(d, names) {
    return `${likeness(d, "Says", "Is")} as ${
      sample(d.partner, names, "a sample")
    } in the training data, so it measures memory`;
  },
  near_duplicate(d, names) {
    const others = count(d.group_size) - 1;
    const same = SAME[String(d.source)] ?? "Is almost the same as";
    const nearest = sample(d.partner, names, "another sample");
    const share = d.source === "text"
      ? ` (${percent(d.similarity)} of phrases in common)`
      : "";
    return others <= 1
      ? `${same} ${nearest}${share}`
      : `${same} ${others} other samples, most of all ${nearest}${share}`;
  },
  garbage(d) {
    return GARBAGE[String(d.rule)]?.(d) ?? "Hardly any content";
  },
  outlier(d, names) {
    const like = typeof d.predicted_label === "number" && d.predicted_label >= 0
      ? `the samples taken for ${label(d.predicted_label, names)}`
      : "the other samples";
    const far = typeof d.times_usual === "number"
      ? farBy(`${d.times_usual.toFixed(1)} times`, d, like)
      : farWhereNoneIs(d, like);
    const most = typeof d.column === "number"
      ? `, most of all in feature ${d.column} (${
        Math.abs(count(d.column_deviations)).toFixed(1)
      } standard deviations ${
        count(d.column_deviations) < 0 ? "below" : "above"
      } its mean)`
      : "";
    const isolated = count(d.less_isolated_share);
    return isolated >= 0.95
      ? `${far}${most}, and an isolation forest finds ${
        probePercent(isolated)
      } of samples more usual`
      : far + most;
  },
  ambiguous(d, names) {
    return `The model keeps changing its mind between ${
      label(d.given_label, names)
    } and ${label(d.other_label, names)}: over ${
      count(d.epochs)
    } epochs it gave the given label ${percent(d.confidence)} ± ${
      percent(d.variability)
    }`;
  },
  hard(d, names) {
    const given = label(d.given_label, names);
    const forgotten = count(d.forgetting_events);
    const parts: string[] = [];
    if (typeof d.first_learned_epoch === "number") {
      parts.push(`was first learned in epoch ${d.first_learned_epoch}`);
    }
    if (forgotten > 0) {
      parts.push(
        `was forgotten ${forgotten === 1 ? "once" : `${forgotten} times`}`,
      );
    }
    return `The label ${given} looks right, but it ${
      parts.join(" and ") || "was hard to learn"
    }`;
  },
  boundary(d, names) {
    const [first, second] = [d.first_label, d.second_label].map((l) =>
      label(l, names)
    );
    const probe = typeof d.probe_sees === "string"
      ? `; a probe on its ${d.probe_sees} gives them ${
        percent(d.probe_first_probability)
      } and ${percent(d.probe_second_probability)}`
      : "";
    const confused = count(d.pair_confusions) > 1
      ? `, which are confused ${count(d.pair_confusions)} times`
      : "";
    return `Between ${first} (${percent(d.first_probability)}) and ${second} (${
      percent(d.second_probability)
    })${confused}${probe}`;
  },
};

/** Which rule holds, and the value it holds for. */
const GARBAGE: Readonly<Record<string, (d: Details) => string>> = {
  empty_text: () => "Its text is empty",
  damaged_text: (d) =>
    `${
      percent(d.value)
    } of its characters are damaged: the text was read in a wrong encoding`,
  no_letters: (d) => `Only ${percent(d.value)} of its characters are letters`,
  repeated_word: (d) => `${percent(d.value)} of its words are the same word`,
  other_script: (d) =>
    `Written in ${d.value} letters, where ${
      percent(d.usual_share)
    } of the texts are in ${d.usual}`,
  other_language: (d) =>
    `Written in ${d.value}, where ${
      percent(d.usual_share)
    } of the texts that tell are in ${d.usual}`,
  odd_length: (d) =>
    `Its text has ${characters(d.value)}, where ${
      characters(d.usual)
    } are usual`,
  blank_image: (d) =>
    `The image is blank: its brightness varies by ${
      fine(d.value)
    } only, from black 0 to white 1`,
  dark_image: (d) =>
    `The image is dark: its mean brightness is ${
      fine(d.value)
    }, from black 0 to white 1`,
  blurred_image: (d) =>
    `The image is blurred: it is ${
      Math.round(count(d.usual) / count(d.value)).toLocaleString("en-US")
    } times less sharp than usual`,
  odd_size: (d) =>
    `The image has ${count(d.value).toLocaleString("en-US")} pixels, where ${
      Math.round(count(d.usual)).toLocaleString("en-US")
    } are usual`,
  odd_shape: (d) =>
    `The image is ${fine(d.value)} times as wide as high, where ${
      fine(d.usual)
    } is usual`,
  missing_features: (d) =>
    `${
      count(d.value) === 1 ? "All" : percent(d.value)
    } of its features are missing`,
  constant_features: () => "All of its features are the same number",
};

function farBy(times: string, { look }: Details, like: string): string {
  return look === "neighbours"
    ? `Even its nearest samples are ${times} as far away as usual`
    : look === "direction"
    ? `Of another kind than ${like}: ${times} as far from them as is usual, whatever its size`
    : `Far from ${like}: ${times} the usual distance`;
}

/** The usual distance is 0: nothing is a multiple of it. */
function farWhereNoneIs({ look }: Details, like: string): string {
  return look === "neighbours"
    ? "Even its nearest samples differ from it, where most samples equal theirs"
    : look === "direction"
    ? `Of another kind than ${like}, where most samples are of the very same kind`
    : `Far from ${like}, where most samples equal those of their class`;
}

function characters(n: number | string | null | undefined): string {
  const whole = Math.round(count(n));
  return `${whole.toLocaleString("en-US")} character${whole === 1 ? "" : "s"}`;
}

/** Two digits that say something. */
function fine(value: number | string | null | undefined): string {
  return String(Number(count(value).toPrecision(2)));
}

/** A share that is never all: a probe is no surer than the noise it learned from. */
function probePercent(share: number | string | null | undefined): string {
  return count(share) > 0.99 ? "over 99 %" : percent(share);
}

function and(parts: readonly string[]): string {
  return parts.length > 2
    ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`
    : parts.join(" and ");
}

/** Texts say the same; other samples are the same. */
function likeness({ source }: Details, says: string, is: string): string {
  const isText = source === undefined || source === "text";
  return `${isText ? says : is} almost the same`;
}

function label(
  index: number | string | null | undefined,
  { labelNames }: ReasonNames,
): string {
  return typeof index === "number" && index >= 0
    ? `"${labelNames[index] ?? index}"`
    : "another class";
}

function sample(
  row: number | string | null | undefined,
  names: ReasonNames,
  otherwise: string,
): string {
  const id = typeof row === "number" && row >= 0 ? names.sampleId(row) : null;
  return id === null ? otherwise : `sample "${id}"`;
}

function count(value: number | string | null | undefined): number {
  return typeof value === "number" ? value : 0;
}

function percent(value: number | string | null | undefined): string {
  return `${Math.round(100 * count(value))} %`;
}
