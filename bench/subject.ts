/** One measured number; where it was measured several times, their median. */
export interface Row {
  /** What is measured, such as `mails`. */
  readonly subject: string;
  /** Data and setting, such as `seed 3`. */
  readonly case: string;
  /** Who was measured. */
  readonly system: string;
  /** What the number is. */
  readonly metric: string;
  /** The number. */
  readonly value: number;
  /** Least of those measured. */
  readonly least?: number;
  /** Most of them. */
  readonly most?: number;
  /** How many they are. */
  readonly n?: number;
}

/** What a reader must know beside the numbers; each is told once, on the page of results. */
export interface SubjectNotes {
  /** A case that is not measured, and why. */
  skip(caseName: string, why: string): void;
  /** Version of something that took part, such as `cleanlab` and `2.9.0`. */
  version(name: string, version: string): void;
  /** Anything else: what was asked of each side, threads, a choice that others would make otherwise. */
  tell(text: string): void;
}

/** How a subject is measured. */
export interface SubjectOptions {
  /** At full size; else a subject that has a smaller one takes that. */
  readonly isFull: boolean;
  /** Takes what must be said beside the numbers. */
  readonly notes: SubjectNotes;
}

/** Measures one subject. */
export type Subject = (
  say: (text: string) => void,
  options: SubjectOptions,
) => Promise<Row[]>;

/**
 * One row of several measurements of the same thing.
 *
 * @param key Everything but the number.
 * @param values What was measured, at least once.
 * @returns Their median as `value`, and their spread.
 */
export function medianRow(
  key: Pick<Row, "subject" | "case" | "system" | "metric">,
  values: readonly number[],
): Row {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    ...key,
    value: medianOf(sorted),
    least: sorted[0]!,
    most: sorted.at(-1)!,
    n: sorted.length,
  };
}

/** Median of numbers; of an even count the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
