import { binary, utf8 } from "@uwdata/flechette";
import {
  about,
  ARROW,
  type BadInput,
  type BadPart,
  type Ending,
  JSON_TYPE,
  lines,
  outputs,
  samples,
  stream,
} from "./bad_input.ts";

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const UNICODE = [
  "👩‍👩‍👧‍👦",
  "e\u0301",
  "é",
  "\u202eabc",
  "ﷺ",
  "İ",
  "a\u2028b",
  " ",
  "__proto__",
  "' or 1=1 --",
];
const LARGE_TEXT = "grüße ".repeat(170_000); // 1.2 MB
const THOUSAND = Array.from({ length: 1_000 }, (_, i) => `class ${i}`);

const MANY_CLASSES: BadPart[] = [
  {
    kind: "samples",
    body: lines(
      Array.from({ length: 12 }, (_, i) => ({ id: i, label: 80 * i })),
    ),
  },
  {
    kind: "outputs",
    body: lines(
      Array.from({ length: 12 }, (_, i) => ({
        id: i,
        logits: THOUSAND.map((_, k) => k === 80 * i ? 5 : 0),
      })),
    ),
  },
];

/** Runs of odd shapes: no rows, one class, a thousand classes, words of every kind. */
export function shapes(): BadInput[] {
  const alone = (
    name: string,
    ends: Ending,
    parts: readonly BadPart[],
    run?: BadInput["run"],
  ): BadInput => ({ name, isAlone: true, parts, ends, ...run ? { run } : {} });
  return [
    alone("no rows", { fails: /no usable sample was logged/ }, [
      { kind: "samples", body: "\n" },
    ]),
    alone("no rows, as JSON", { fails: /no usable sample was logged/ }, [
      { kind: "samples", body: "[]", type: JSON_TYPE },
    ]),
    alone("no rows, as Arrow", { fails: /no usable sample was logged/ }, [
      {
        kind: "samples",
        type: ARROW,
        body: stream({ id: [] }, { id: utf8() }),
      },
    ]),
    alone(
      "no usable row",
      {
        fails:
          /no usable sample was logged\. Cannot use part .*a samples part needs it/,
      },
      [samples({ label: 0 })],
    ),
    alone("outputs without samples", { fails: /no usable sample/ }, [
      about({ logits: [1, 2] }),
    ]),
    alone(
      "samples that hold nothing, without outputs",
      { fails: /no usable output was logged, and no text, image or features/ },
      [samples({ id: "a", label: 0 }, { id: "b", label: 1 })],
    ),
    alone("one sample", { ranked: 1, listed: 0 }, [
      samples({ id: "a", label: 0 }),
      outputs({ id: "a", logits: [1, 2], embedding: [1, 0] }),
    ]),
    alone("one sample without outputs", { ranked: 1, listed: 0 }, [
      samples({ id: "a", label: 0, text: "lunch" }),
    ]),
    alone("one sample without a label", { ranked: 1, listed: 0 }, [
      samples({ id: "a" }),
      outputs({ id: "a", logits: [1, 2] }),
    ]),
    alone("one class", { ranked: 2, listed: 0 }, [
      samples({ id: "a", label: 0, text: "x" }, { id: "b", label: 0 }),
      outputs({ id: "a", probs: [1] }, { id: "b", probs: [1] }),
    ], { label_names: ["only"] }),
    alone("two classes of which one has samples", { ranked: 3, listed: 0 }, [
      samples(...["a", "b", "c"].map((id) => ({ id, label: 0 }))),
      outputs(...["a", "b", "c"].map((id) => ({ id, logits: [1, 2] }))),
    ]),
    alone("a thousand classes", { ranked: 12, listed: 0 }, MANY_CLASSES, {
      label_names: THOUSAND,
    }),
    alone("one value for every logit and embedding", { ranked: 4, listed: 0 }, [
      samples(...["a", "b", "c", "d"].map((id, i) => ({ id, label: i % 2 }))),
      outputs(
        ...["a", "b", "c", "d"].map((id) => ({
          id,
          logits: [0, 0],
          embedding: [0, 0, 0],
        })),
      ),
    ]),
    alone("logits at the ends of single precision", { ranked: 4, listed: 0 }, [
      samples(...["a", "b", "c", "d"].map((id, i) => ({ id, label: i % 2 }))),
      outputs(
        { id: "a", logits: [3e38, -3e38] },
        { id: "b", logits: [-3e38, 3e38] },
        { id: "c", logits: [1e-40, 0] },
        { id: "d", logits: [3e38, 3e38] },
      ),
    ]),
    alone(
      "unicode of every kind, in ids, labels, texts and metadata",
      { ranked: UNICODE.length, listed: 0 },
      [
        samples(
          ...UNICODE.map((word) => ({
            id: word,
            label: word,
            text: `${word} \0 \ud800`,
            [word]: { [word]: [word] },
          })),
        ),
        outputs(
          ...UNICODE.map((id, i) => ({
            id,
            logits: UNICODE.map((_, k) => k === i ? 3 : 0),
          })),
        ),
      ],
      { label_names: UNICODE, name: "👩‍👩‍👧‍👦", dataset: "ﷺ" },
    ),
    alone("texts of a megabyte", { ranked: 4, listed: 0 }, [
      samples(
        ...["a", "b", "c", "d"].map((id, i) => ({
          id,
          label: i % 2,
          text: LARGE_TEXT + id,
        })),
      ),
      outputs(...["a", "b", "c", "d"].map((id) => ({ id, logits: [1, 2] }))),
    ]),
    alone(
      "images that are none, beside one that is",
      { ranked: 5, listed: 3, rules: [/image/] },
      [
        samples(
          { id: "a", label: 0, image: `data:image/png;base64,${PIXEL}` },
          { id: "b", label: 1, image: `data:image/png;base64,${PIXEL}` },
          {
            id: "c",
            label: 0,
            image: `data:image/png;base64,${PIXEL.slice(0, 40)}`,
          },
          {
            id: "d",
            label: 1,
            image: `data:image/png;base64,${btoa("<svg/>")}`,
          },
        ),
        {
          kind: "samples",
          type: ARROW,
          query: { seq: "1" },
          body: stream({ id: ["e"], image: [new Uint8Array(0)] }, {
            id: utf8(),
            image: binary(),
          }),
        },
      ],
    ),
  ];
}
