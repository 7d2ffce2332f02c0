/** One measured number. */
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
}

/** How a subject is measured. */
export interface SubjectOptions {
  /** At full size; else a subject that has a smaller one takes that. */
  readonly isFull: boolean;
}

/** Measures one subject. */
export type Subject = (
  say: (text: string) => void,
  options: SubjectOptions,
) => Promise<Row[]>;
