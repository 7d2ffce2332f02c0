const encoder = new TextEncoder();
const isTerminal = Deno.stdout.isTerminal();
const BAR_WIDTH = 24;

/** Prints a line. */
export function print(text = ""): void {
  Deno.stdout.writeSync(encoder.encode(text + "\n"));
}

/** Shows a line that the next one replaces; where the output is no terminal, only the last of them is printed. */
export class StatusLine {
  #text = "";

  /** Replaces the line. */
  show(text: string): void {
    this.#text = text;
    if (isTerminal) Deno.stdout.writeSync(encoder.encode(`\r\x1b[2K  ${text}`));
  }

  /** Leaves the line standing. */
  done(): void {
    if (isTerminal) print();
    else print(`  ${this.#text}`);
  }
}

/** A bar of a share in [0, 1]. */
export function bar(fraction: number): string {
  const full = Math.round(fraction * BAR_WIDTH);
  return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
}

/** A text in one line of at most `width` characters. */
export function clip(text: string, width: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= width ? line : line.slice(0, width - 1) + "…";
}

/** A text in lines of at most `width` characters, cut between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
