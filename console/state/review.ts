/**
 * What a person decides about samples: shown at once, queued, and undone step by step.
 *
 * @module
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { RankedSample } from "@shared/types/result.ts";
import type { VerdictKind, VerdictRequest } from "@shared/types/verdict.ts";
import { type SampleKey, sampleKey, splitSampleKey } from "./route.ts";
import { RECENT, type Said, type Tally, tally } from "./tally.ts";

/** A standing verdict; `clear` is none. */
export interface Stance {
  readonly verdict: VerdictKind;
  readonly label: string | null;
}

/** One step of the undo list: one key press, of one sample or many. */
export interface Step {
  readonly changes: readonly {
    readonly key: SampleKey;
    readonly before: Stance;
    readonly after: Stance;
  }[];
}

export interface ReviewDeps {
  readonly push: (requests: readonly VerdictRequest[]) => void;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface Review {
  /** What was decided here, over what the rows came with. */
  readonly stances: ReadonlySignal<ReadonlyMap<SampleKey, Stance>>;
  readonly tally: ReadonlySignal<Tally>;
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  stanceOf(sample: RankedSample): Stance;
  /** Gives all `samples` one verdict as one step; those already there are left alone. Returns how many changed. */
  judge(
    samples: readonly RankedSample[],
    decide: (sample: RankedSample) => Stance | null,
  ): number;
  /** Takes the last step back; returns it, or null if there is none. */
  undo(): Step | null;
  redo(): Step | null;
  /** Verdicts that were there before, of this person or another. */
  recall(said: readonly Said[]): void;
  /** Verdicts of an earlier visit that still wait to be sent. */
  resume(requests: readonly VerdictRequest[]): void;
  /** The server refused it: the row shows again what it came with. */
  refuse(request: VerdictRequest): void;
}

export const NONE: Stance = { verdict: "clear", label: null };

/** Keeps the given label. */
export const keep = (): Stance => ({ verdict: "keep", label: null });
export const drop = (): Stance => ({ verdict: "drop", label: null });
export const needsReview = (): Stance => ({
  verdict: "needs_review",
  label: null,
});
export const clear = (): Stance => NONE;

/** Takes the suggested label; null where there is none to take. */
export function takeSuggestion(sample: RankedSample): Stance | null {
  return sample.suggested_label === null
    ? null
    : chooseLabel(sample.suggested_label)(sample);
}

/** The class `label`: the given one means keep. */
export function chooseLabel(
  label: string,
): (sample: RankedSample) => Stance {
  return (sample) =>
    label === sample.given_label ? keep() : { verdict: "relabel", label };
}

export function createReview(deps: ReviewDeps): Review {
  const stances = signal<ReadonlyMap<SampleKey, Stance>>(new Map());
  const done = signal<readonly Step[]>([]);
  const undone = signal<readonly Step[]>([]);
  const said = signal<readonly Said[]>([]);

  const stanceOf = (sample: RankedSample): Stance =>
    stances.value.get(sampleKey(sample)) ??
      (sample.verdict === null
        ? NONE
        : { verdict: sample.verdict, label: sample.verdict_label });

  const apply = (changes: readonly { key: SampleKey; stance: Stance }[]) => {
    const next = new Map(stances.value);
    const at = deps.now();
    const requests = changes.map(({ key, stance }): VerdictRequest => {
      next.set(key, stance);
      const { split, id } = splitSampleKey(key);
      return {
        verdict_id: deps.newId(),
        sample_id: id,
        split,
        verdict: stance.verdict,
        label: stance.label,
        comment: null,
      };
    });
    stances.value = next;
    said.value = [
      ...said.value,
      ...requests.map((r, i) => ({
        sampleId: r.sample_id,
        verdict: r.verdict,
        at: at + i / RECENT / 1e6, // keeps the order of one batch
      })),
    ];
    deps.push(requests);
  };

  return {
    stances,
    stanceOf,
    tally: computed(() => tally(said.value)),
    canUndo: computed(() => done.value.length > 0),
    canRedo: computed(() => undone.value.length > 0),
    judge(samples, decide) {
      const changes = samples.flatMap((sample) => {
        const before = stanceOf(sample);
        const after = decide(sample);
        const isChange = after !== null &&
          (after.verdict !== before.verdict || after.label !== before.label);
        return isChange ? [{ key: sampleKey(sample), before, after }] : [];
      });
      if (changes.length > 0) {
        done.value = [...done.value, { changes }];
        undone.value = [];
        apply(changes.map(({ key, after }) => ({ key, stance: after })));
      }
      return changes.length;
    },
    undo() {
      const step = done.value.at(-1);
      if (!step) return null;
      done.value = done.value.slice(0, -1);
      undone.value = [...undone.value, step];
      apply(step.changes.map(({ key, before }) => ({ key, stance: before })));
      return step;
    },
    redo() {
      const step = undone.value.at(-1);
      if (!step) return null;
      undone.value = undone.value.slice(0, -1);
      done.value = [...done.value, step];
      apply(step.changes.map(({ key, after }) => ({ key, stance: after })));
      return step;
    },
    recall: (earlier) => said.value = [...earlier, ...said.value],
    resume(requests) {
      const next = new Map(stances.value);
      for (const r of requests) {
        next.set(`${r.split}/${r.sample_id}`, {
          verdict: r.verdict,
          label: r.label,
        });
      }
      stances.value = next;
      said.value = [
        ...said.value,
        ...requests.map((r) => ({
          sampleId: r.sample_id,
          verdict: r.verdict,
          at: deps.now(),
        })),
      ];
    },
    refuse(request) {
      const key = `${request.split}/${request.sample_id}`;
      const next = new Map(stances.value);
      next.delete(key);
      stances.value = next;
      const without = (steps: readonly Step[]) =>
        steps.map((s) => ({
          changes: s.changes.filter((c) => c.key !== key),
        })).filter((s) => s.changes.length > 0);
      done.value = without(done.value);
      undone.value = without(undone.value);
      said.value = said.value.filter((s) => s.sampleId !== request.sample_id);
    },
  };
}
