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

/** Measures one subject. */
export type Subject = (say: (text: string) => void) => Promise<Row[]>;
