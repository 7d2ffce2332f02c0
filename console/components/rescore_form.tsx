import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { IssueType } from "@shared/types/issue.ts";
import type { ThresholdRange, Thresholds } from "@shared/types/threshold.ts";
import type { ThresholdRanges } from "../api/types.ts";
import { ISSUE_WORDS } from "../state/format.ts";

type Typed = Readonly<Record<string, string>>;

/** The thresholds that were typed and differ from the defaults. */
export function typedThresholds(
  ranges: ThresholdRanges,
  typed: Typed,
): Thresholds {
  const found: Partial<Record<IssueType, Record<string, number>>> = {};
  for (const [type, name, range] of listed(ranges)) {
    const text = typed[`${type}.${name}`] ?? "";
    const value = Number(text);
    if (text.trim() === "" || value === range.default) continue;
    (found[type] ??= {})[name] = value;
  }
  return found;
}

/** Thresholds and whether verdicts count, for another revision. */
export function RescoreForm({ ranges, now, isBusy, onRescore }: {
  ranges: ThresholdRanges;
  /** Those of the current revision. */
  now: Thresholds;
  isBusy: boolean;
  onRescore: (settings: Thresholds, applyVerdicts: boolean) => void;
}): JSX.Element {
  const [typed, setTyped] = useState<Typed>(() => textsOf(ranges, now));
  const [applies, setApplies] = useState(true);
  return (
    <form
      class="rescore-form"
      onSubmit={(event) => {
        event.preventDefault();
        onRescore(typedThresholds(ranges, typed), applies);
      }}
    >
      <label class="rescore-verdicts">
        <input
          type="checkbox"
          checked={applies}
          onChange={(event) => setApplies(event.currentTarget.checked)}
        />
        Count what people said
      </label>
      <details>
        <summary>Thresholds</summary>
        <div class="threshold-groups">
          {(Object.keys(ranges) as IssueType[]).map((type) => (
            <fieldset key={type}>
              <legend>{ISSUE_WORDS[type]}</legend>
              {Object.entries(ranges[type]!).map(([name, range]) => (
                <Threshold
                  key={name}
                  name={name}
                  range={range}
                  value={typed[`${type}.${name}`] ?? ""}
                  onType={(text) =>
                    setTyped({ ...typed, [`${type}.${name}`]: text })}
                />
              ))}
            </fieldset>
          ))}
        </div>
        <button type="button" class="link" onClick={() => setTyped({})}>
          Take the defaults
        </button>
      </details>
      <button type="submit" class="button" disabled={isBusy}>
        Score again
      </button>
    </form>
  );
}

function Threshold({ name, range, value, onType }: {
  name: string;
  range: ThresholdRange;
  value: string;
  onType: (text: string) => void;
}): JSX.Element {
  return (
    <label title={range.says}>
      <span>{name.replaceAll("_", " ")}</span>
      <input
        type="number"
        min={range.min}
        max={range.max}
        step={range.is_integer ? 1 : "any"}
        placeholder={String(Math.round(range.default * 1000) / 1000)}
        value={value}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    </label>
  );
}

function listed(
  ranges: ThresholdRanges,
): [type: IssueType, name: string, range: ThresholdRange][] {
  return (Object.keys(ranges) as IssueType[]).flatMap((type) =>
    Object.entries(ranges[type]!).map((
      [name, range],
    ): [IssueType, string, ThresholdRange] => [type, name, range])
  );
}

function textsOf(ranges: ThresholdRanges, now: Thresholds): Typed {
  return Object.fromEntries(
    listed(ranges).flatMap(([type, name]) => {
      const value = now[type]?.[name];
      return value === undefined ? [] : [[`${type}.${name}`, String(value)]];
    }),
  );
}
