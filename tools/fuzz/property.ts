import fc from "fast-check";

/** Chooses all cases of a run: the same seed makes the same. */
export const SEED = Number(Deno.env.get("ASSAY_FUZZ_SEED") ?? 1);

const TIME_LIMIT_MS = 10_000;
const FULL_TIMES = Deno.env.get("ASSAY_FUZZ") === "full" ? 20 : 1;

/**
 * Registers a test of a property on made cases: at most `nCases` of them, or what 10 seconds allow. `ASSAY_FUZZ_SEED` makes others,
 * `ASSAY_FUZZ=full` twenty times as many. A failure prints seed, path and the smallest case.
 */
export function testProperty<T>(
  name: string,
  cases: fc.Arbitrary<T>,
  holds: (value: T) => void | Promise<void>,
  nCases: number,
): void {
  Deno.test(`${name} (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (value) => await holds(value)),
      {
        seed: SEED,
        numRuns: nCases * FULL_TIMES,
        interruptAfterTimeLimit: TIME_LIMIT_MS * FULL_TIMES,
        markInterruptAsFailure: false,
      },
    );
  });
}

const NASTY = [
  "",
  "\0",
  "a\0b",
  "\ud800",
  "a\udfffb",
  "\ufeff",
  "\u202eabc",
  "e\u0301",
  "é",
  "👩‍👩‍👧‍👦",
  "ﷺ".repeat(20),
  "İstanbul",
  "__proto__",
  "constructor",
  "toString",
  "' or 1=1 --",
  "%_\\",
  "../../etc/passwd",
  "null",
  "NaN",
  "1e400",
  "\u2028",
  "x".repeat(2_000),
];

/** Text of every kind, halves of characters among it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
    .map((units) => String.fromCharCode(...units)),
);

/** What JSON can hold, hostile text and keys among it. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    hostileText,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.constantFrom(null, true, false, 0, -0, 1e308, 5e-324, 2 ** 53, -1),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(hostileText, tie("value")), { maxLength: 4 }).map(
      (entries) => Object.fromEntries(entries),
    ),
  ),
})).value;

/** A valid value with something within it replaced, removed or added. */
export function mutated(valid: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(valid);
  const change = fc.record({
    place: fc.constantFrom(...places),
    key: hostileText,
    how: fc.constantFrom("replace", "remove", "add"),
    value: hostileJson,
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let result = structuredClone(valid);
    for (const { place, how, key, value } of changes) {
      if (place.length === 0) {
        if (how === "replace") result = value;
        continue;
      }
      const parent = at(result, place.slice(0, -1));
      if (typeof parent !== "object" || parent === null) continue;
      const name = how === "add" ? key : place.at(-1)!;
      if (Array.isArray(parent) && name === "length") continue;
      if (how === "remove") delete (parent as Record<string, unknown>)[name];
      else {
        Object.defineProperty(parent, name, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    }
    return result;
  });
}

function placesIn(value: unknown, place: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [place];
  return [
    place,
    ...Object.entries(value).flatMap(([key, child]) =>
      placesIn(child, [...place, key])
    ),
  ];
}

function at(value: unknown, place: readonly string[]): unknown {
  return place.reduce<unknown>(
    (found, key) =>
      typeof found === "object" && found !== null && Object.hasOwn(found, key)
        ? (found as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

/** Bytes with some of them wrong, cut off, or put in. */
export function damaged(
  whole: Uint8Array<ArrayBuffer>,
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const place = fc.nat({ max: whole.length - 1 });
  const wrong = fc.array(fc.tuple(place, fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 6,
  }).map((changes) => {
    const bytes = whole.slice();
    for (const [at, byte] of changes) bytes[at] = byte;
    return bytes;
  });
  const cut = place.map((length) => whole.slice(0, length));
  const grown = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 16 }))
    .map(([at, more]) =>
      Uint8Array.from([...whole.slice(0, at), ...more, ...whole.slice(at)])
    );
  const words = fc.tuple(
    place,
    fc.constantFrom(0, -1, 1, 2 ** 31 - 1, -(2 ** 31), 65_536),
  )
    .map(([at, word]) => {
      const bytes = whole.slice();
      const from = Math.min(at & ~3, bytes.length - 4);
      if (from >= 0) new DataView(bytes.buffer).setInt32(from, word, true);
      return bytes;
    });
  return fc.oneof(
    { weight: 4, arbitrary: wrong },
    { weight: 2, arbitrary: words },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: grown },
  );
}
