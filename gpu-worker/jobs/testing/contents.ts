import sharp from "sharp";

/** A sample as a client would log it, and what it is. */
export interface MadeSample {
  readonly id: string;
  /** What it is. */
  readonly truth: string;
  /** Its label, wrong for a few. */
  readonly label: string;
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  ham:
    "meeting agenda minutes project review schedule office report lunch colleague"
      .split(" "),
  spam: "winner prize casino discount offer pills lottery cash bonus viagra"
    .split(" "),
};
const BOTH = "the and you we this with for our please today".split(" ");

/** How many samples there are. */
export const N = 80;

const WRONG = [6, 17, 40, 63];

/** Samples that are "ham" and "spam" in turn; four labels are wrong. */
export const MADE: readonly MadeSample[] = Array.from({ length: N }, (_, i) => {
  const names = ["ham", "spam"];
  const truth = names[i % 2]!;
  const label = WRONG.includes(i) ? names[1 - i % 2]! : truth;
  return { id: `s${String(i).padStart(3, "0")}`, truth, label };
});

/** Ids of those with a wrong label, ascending. */
export const WRONG_IDS: readonly string[] = WRONG.map((i) => MADE[i]!.id);

/** Rows with features. */
export function withFeatures(): Record<string, unknown>[] {
  return rowsOf((s, i) => ({ features: featuresOf(s, i) }));
}

/** Rows with texts. */
export function withTexts(): Record<string, unknown>[] {
  return rowsOf((s, i) => ({ text: textOf(s, i) }));
}

function rowsOf(
  content: (sample: MadeSample, i: number) => object,
): Record<string, unknown>[] {
  return MADE.map((s, i) => ({ id: s.id, label: s.label, ...content(s, i) }));
}

/** Words of its class, and of both; no two texts are the same. */
export function textOf({ truth }: MadeSample, i: number): string {
  const words = Array.from({ length: 16 }, (_, k) => {
    const at = (i * 7 + k * k * 3 + k * i) % 10;
    return k % 3 === 0 ? BOTH[at] : WORDS[truth]![at];
  });
  return `${words.join(" ")} number ${i}`;
}

/** Numbers around the middle of its class. */
export function featuresOf({ truth }: MadeSample, i: number): number[] {
  const middle = truth === "ham" ? 2 : -2;
  return Array.from(
    { length: 6 },
    (_, d) => (d < 3 ? middle : 0) + Math.sin(i * 12.9898 + d * 78.233),
  );
}

/** A PNG: a red disc, or a blue chequerboard; place and size differ. */
export async function imageOf(
  { truth }: MadeSample,
  i: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const side = 48;
  const pixels = new Uint8Array(side * side * 3).fill(255);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isHam = truth === "ham";
      const isInside = isHam
        ? (x - 16 - i % 13) ** 2 + (y - 16 - i % 11) ** 2 < (6 + i % 9) ** 2
        : (Math.floor((x + i) / (4 + i % 5)) + Math.floor(y / 6)) % 2 === 0;
      if (isInside) {
        pixels.set(isHam ? [200, i, 30] : [20, i, 220], (y * side + x) * 3);
      }
    }
  }
  const png = await sharp(pixels, {
    raw: { width: side, height: side, channels: 3 },
  }).png().toBuffer();
  return new Uint8Array(png);
}
