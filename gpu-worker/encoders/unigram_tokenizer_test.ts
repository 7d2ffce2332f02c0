import assert from "node:assert/strict";
import { seededRandom } from "../kernels/seeded_random.ts";
import { DEFAULT_MODELS, readModel } from "./model_file.ts";
import { type Piece, UnigramTokenizer } from "./unigram_tokenizer.ts";

const RESERVED: Piece[] = [["<unk>", 0], ["<s>", 0]];

function tokenizer(...pieces: Piece[]): UnigramTokenizer {
  return new UnigramTokenizer([...RESERVED, ...pieces]);
}

async function englishVocabulary(): Promise<Piece[]> {
  return JSON.parse(
    new TextDecoder().decode(await readModel(DEFAULT_MODELS.vocabulary)),
  );
}

/** The best sequence by trying every cut of a short text; null if two are equally good. */
function bestOfAll(pieces: readonly Piece[], text: string): number[] | null {
  const rarest = Math.min(...pieces.map(([, logProb]) => logProb ?? 0));
  let best: { ids: number[]; score: number } = { ids: [], score: -Infinity };
  let isTie = false;
  const cut = (rest: string, ids: number[], score: number) => {
    if (rest === "") {
      if (Math.abs(score - best.score) < 1e-9) isTie = true;
      else if (score > best.score) [best, isTie] = [{ ids, score }, false];
      return;
    }
    const fitting = [...pieces.keys()].filter((i) =>
      rest.startsWith(pieces[i]![0])
    );
    for (const i of fitting) {
      cut(
        rest.slice(pieces[i]![0].length),
        [...ids, i + RESERVED.length],
        score + pieces[i]![1]!,
      );
    }
    if (!fitting.some((i) => pieces[i]![0].length === 1)) {
      const joined = ids.at(-1) === 0 ? ids : [...ids, 0];
      cut(rest.slice(1), joined, score + rarest - 10);
    }
  };
  cut(text, [], 0);
  return isTie ? null : best.ids;
}

Deno.test("UnigramTokenizer gives the most probable sequence, not the longest pieces", () => {
  const t = tokenizer(
    ["▁", -1],
    ["▁a", -2],
    ["b", -2],
    ["c", -2],
    ["▁ab", -6],
    ["bc", -3],
  );
  assert.deepEqual(t.encode("abc"), Int32Array.of(3, 7)); // -5; "▁ab c" is -8
  assert.deepEqual(t.encode("a b"), Int32Array.of(3, 2, 4));
});

Deno.test("UnigramTokenizer agrees with trying every cut", () => {
  const random = seededRandom(1);
  const pieces: Piece[] = [
    "▁",
    "a",
    "b",
    "▁a",
    "ab",
    "ba",
    "aab",
    "bab",
    "▁ab",
    "cb",
    "bc",
  ].map((piece) => [piece, -1 - 4 * random()]);
  const t = tokenizer(...pieces);
  let compared = 0;
  for (let i = 0; i < 200; i++) {
    const text = Array.from(
      { length: 1 + Math.floor(9 * random()) },
      () => "aabbc d"[Math.floor(7 * random())],
    ).join("").trim();
    if (text === "") continue;
    const best = bestOfAll(pieces, `▁${text.replace(/\s+/g, "▁")}`);
    if (best === null) continue;
    assert.deepEqual([...t.encode(text)], best, text);
    compared++;
  }
  assert.ok(compared > 100);
});

Deno.test("UnigramTokenizer gives the shorter last piece of equally probable sequences", () => {
  const t = tokenizer(["▁", -1], ["a", -1], ["b", -1], ["▁a", -2], ["ab", -2]);
  assert.deepEqual(t.encode("ab"), Int32Array.of(2, 3, 4)); // as good as "▁a b" and "▁ ab"
});

Deno.test("UnigramTokenizer joins unknown characters, those of two units too", () => {
  const t = tokenizer(["▁", -1], ["a", -1]);
  assert.deepEqual(t.encode("xyz"), Int32Array.of(2, 0));
  assert.deepEqual(t.encode("🙂🙂a🙂"), Int32Array.of(2, 0, 3, 0));
  assert.deepEqual(t.encode("\ud83da\ude42"), Int32Array.of(2, 0, 3, 0));
});

Deno.test("UnigramTokenizer knows pieces of characters of two units", () => {
  const t = tokenizer(["▁", -1], ["🙂", -1], ["🙂🙂", -1]);
  assert.deepEqual(t.encode("🙂🙂🙃"), Int32Array.of(2, 4, 0));
});

Deno.test("UnigramTokenizer never gives a reserved piece", () => {
  const t = tokenizer(["▁", -1], ["s", -1], ["<", -1], [">", -1]);
  assert.deepEqual(t.encode("<s>"), Int32Array.of(2, 4, 3, 5));
  assert.deepEqual([t.reserved, t.size], [2, 6]);
});

Deno.test("UnigramTokenizer brings text to NFKC and joins white space", () => {
  const t = tokenizer(["▁", -1], ["A", -1], ["é", -1], ["▁A", -1.5]);
  assert.deepEqual(t.encode("Ａe\u0301"), Int32Array.of(5, 4));
  assert.deepEqual(t.encode(" A\n\t\u00a0A "), Int32Array.of(5, 5));
  assert.deepEqual(t.encode("A▁A"), Int32Array.of(5, 5));
});

Deno.test("UnigramTokenizer gives nothing for white space", () => {
  const t = tokenizer(["▁", -1]);
  for (const text of ["", " ", "\n\t\u3000"]) {
    assert.equal(t.encode(text).length, 0);
  }
});

Deno.test("UnigramTokenizer counts null as 0", () => {
  const t = tokenizer(["▁", -1], [":", null], ["▁:", -3]);
  assert.deepEqual(t.encode(":"), Int32Array.of(2, 3));
});

Deno.test("UnigramTokenizer refuses vocabularies that are none", () => {
  assert.throws(() => new UnigramTokenizer([]), {
    name: "RangeError",
    message: /first piece must have log-probability 0/,
  });
  assert.throws(() => new UnigramTokenizer([["a", -1]]), RangeError);
  for (const piece of [["", -1], ["a", -Infinity], [7, -1]]) {
    assert.throws(() => tokenizer(piece as unknown as Piece), {
      name: "RangeError",
      message: /piece 2 must be text with a finite log-probability/,
    });
  }
});

Deno.test("UnigramTokenizer gives the ids of the encoder's own tokenizer", async () => {
  const t = new UnigramTokenizer(await englishVocabulary());
  const idsOf: Record<string, number[]> = { // by npm @energetic-ai/embeddings 0.2.0
    "hello world": [2002, 102, 311],
    "The quick brown fox jumps over the lazy dog.": [
      34,
      2280,
      3744,
      1394,
      152,
      2009,
      7,
      132,
      9,
      6266,
      959,
      6,
    ],
    "I love you :) http://x.org": [16, 241, 19, 658, 290, 255, 152, 6, 1649],
    "café 日本 ok": [976, 209, 1133, 30, 0, 2303],
    "½ price, ＡＢＣ": [207, 7935, 288, 704, 8, 74, 2512],
    "🙂🙂 hi": [30, 0, 2038],
  };
  assert.deepEqual([t.size, t.reserved], [8000, 6]);
  for (const [text, ids] of Object.entries(idsOf)) {
    assert.deepEqual([...t.encode(text)], ids, text);
  }
});

Deno.test("UnigramTokenizer takes a megabyte of anything", async () => {
  const t = new UnigramTokenizer(await englishVocabulary());
  const size = 2 ** 20;
  const a = t.encode("a".repeat(size));
  assert.ok(a.length > 1000 && a.length <= size);
  assert.deepEqual(t.encode("🙃".repeat(size / 2)), Int32Array.of(30, 0));
  assert.equal(t.encode(" ".repeat(size)).length, 0);
  assert.equal(t.encode("the ".repeat(size / 4)).length, size / 4);
  assert.deepEqual(t.encode("\ud800".repeat(size)), Int32Array.of(30, 0));
  assert.ok(t.encode("http://".repeat(size / 7)).length > 1000);
});
