import type { Row, SubjectNotes } from "./subject.ts";
import { tableOf } from "./table.ts";

/** Where and when a subject was measured, and what its reader must know. */
export interface About {
  /** Day, as in 2026-01-31. */
  readonly date: string;
  /** Commit of the checkout; null outside one. */
  readonly commit: string | null;
  /** Processor, cores, memory, system. */
  readonly machine: string;
  /** At full size, or the smaller one of each subject that has one. */
  readonly isFull: boolean;
  /** Processes that wanted a core, the mean of a minute: before and after. */
  readonly load: readonly [number, number];
  /** Versions of what took part, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** What was not measured, and why. */
  readonly skipped: readonly { readonly case: string; readonly why: string }[];
  /** Anything else that was told. */
  readonly told: readonly string[];
}

/** What `results.json` and `results_about.json` hold. */
export interface Results {
  /** Rows, those of a subject together. */
  readonly rows: readonly Row[];
  /** About each subject that has rows. */
  readonly about: Readonly<Record<string, About>>;
}

/** What a subject tells while it is measured. */
export interface TakenNotes extends SubjectNotes {
  /** So far. */
  readonly taken: Pick<About, "versions" | "skipped" | "told">;
}

/** Notes of nothing yet; what is told twice is kept once. */
export function takeNotes(): TakenNotes {
  const taken = {
    versions: {} as Record<string, string>,
    skipped: [] as { case: string; why: string }[],
    told: [] as string[],
  };
  return {
    taken,
    skip: (caseName, why) => void taken.skipped.push({ case: caseName, why }),
    version: (name, version) => void (taken.versions[name] = version),
    tell: (text) => {
      if (!taken.told.includes(text)) taken.told.push(text);
    },
  };
}

/**
 * Results after some subjects were measured again: those are replaced whole, all others stay.
 *
 * @param before Earlier results.
 * @param measured Rows and notes of the subjects measured now.
 * @returns Subjects by name, rows of each in the order they were measured.
 */
export function mergeResults(before: Results, measured: Results): Results {
  const isNew = (subject: string) => Object.hasOwn(measured.about, subject);
  const rows = [
    ...before.rows.filter((row) => !isNew(row.subject)),
    ...measured.rows,
  ];
  const about = { ...before.about, ...measured.about };
  const bySubject = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
  return {
    rows: rows.toSorted((a, b) => bySubject(a.subject, b.subject)),
    about: Object.fromEntries(
      Object.keys(about).sort(bySubject).map((name) => [name, about[name]!]),
    ),
  };
}

/** All results as a page of Markdown. */
export function resultsPage({ rows, about }: Results): string {
  const parts = Object.entries(about).map(([subject, said]) => {
    const own = rows.filter((row) => row.subject === subject);
    const versions = Object.entries(said.versions).map(([name, version]) =>
      `${name} ${version}`
    );
    return [
      `## ${subject}`,
      `${said.date}, commit ${
        said.commit ?? "unknown"
      }, ${said.machine}; load ${said.load[0].toFixed(1)} before, ${
        said.load[1].toFixed(1)
      } after${said.isFull ? "; full size" : ""}. ${versions.join(", ")}.`,
      said.told.map((text) => `- ${text}`).join("\n"),
      own.length ? tableOf(own) : "Nothing was measured.",
      said.skipped.length
        ? "Not measured:\n\n" +
          said.skipped.map((s) => `- ${s.case}: ${s.why}`).join("\n")
        : "",
    ].filter(Boolean).join("\n\n");
  });
  return [
    "<!-- Written by `deno task bench --write` from results.json and results_about.json; do not edit. -->",
    "# Results",
    "Assay beside what people use today, on the same data in the same run. A cell is a median, with least and most in brackets where it was measured " +
    "more than once. What each case is stands in `bench/README.md` and in its subject's file.",
    ...parts,
  ].join("\n\n") + "\n";
}
