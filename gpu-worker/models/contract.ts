import { AppError } from "@shared/errors.ts";
import type { ModelRequest } from "@shared/types/model.ts";
import type { ModelValue } from "../graphs/model_session.ts";

/** What a model is, as its owner said it. */
export type ModelSpec = Pick<
  ModelRequest,
  "input_kind" | "input_name" | "preprocessing" | "class_names" | "outputs"
>;

/** What a model's file takes and gives. */
export interface ModelValues {
  /** Inputs, in the model's order. */
  readonly inputs: readonly ModelValue[];
  /** Outputs, in the model's order. */
  readonly outputs: readonly ModelValue[];
}

/** How a model is run. */
export interface ModelPlan {
  /** Name of its input. */
  readonly input: string;
  /** Element type of its input. */
  readonly inputType: string;
  /** Rows that it must be given at once; null: any number. */
  readonly batch: number | null;
  /** Numbers of a row of features; null: any number, the same in all rows. */
  readonly nFeatures: number | null;
  /** Whether texts are (n, 1) instead of (n). */
  readonly isColumn: boolean;
  /** Name of the output (n, n_classes). */
  readonly scores: string;
  /** What that holds; null: its values tell. */
  readonly scoresKind: "logits" | "probs" | null;
  /** Name of the output (n, width); null: there is none. */
  readonly embedding: string | null;
  /** Numbers of a row of it; null: not known before it runs. */
  readonly embeddingWidth: number | null;
  /** Column of each of the run's classes, (n_classes). */
  readonly columns: readonly number[];
}

/** Most samples of a model that takes a fixed number. */
const MOST_BATCH = 4096;
const FLOATS = ["float32", "float64", "float16"];
const [LOGITS_REGEXP, PROBS_REGEXP] = [/logit/i, /prob|softmax/i];
const MOST_NAME = 500;
// deno-lint-ignore no-control-regex -- they are what is not text
const CONTROL_REGEXP = /[\x00-\x1f\x7f]/g;
const EMBEDDING_REGEXP = /embed|feature|hidden|pool/i;

/**
 * Finds the input and the outputs of a model.
 *
 * One input: `features` float (n, d); `image` float (n, 3, height, width) or (n, height, width, 3); `text` string (n) or (n, 1). Outputs, float: logits
 * or probabilities (n, n_classes), and an embedding (n, width) where there is one. n may be fixed.
 *
 * @param spec What its owner said.
 * @param values What its file takes and gives.
 * @param labelNames Classes of the run, which are to be those of the model in any order.
 * @throws {AppError} `unusable_input`, with a sentence that names what does not fit.
 */
export function planOf(
  spec: ModelSpec,
  values: ModelValues,
  labelNames: readonly string[],
): ModelPlan {
  const columns = columnsOf(spec.class_names, labelNames);
  const input = inputOf(spec, values.inputs);
  const shape = checkInput(spec, input);
  const scores = scoresOf(spec, values.outputs);
  const embedding = embeddingOf(spec, values.outputs, scores.name);
  checkNames([input.name, scores.name, ...embedding ? [embedding.name] : []]);
  return {
    input: input.name,
    inputType: input.type,
    batch: typeof shape[0] === "number" ? shape[0] : null,
    nFeatures: spec.input_kind === "features" && typeof shape[1] === "number"
      ? shape[1]
      : null,
    isColumn: spec.input_kind === "text" && shape.length === 2,
    scores: scores.name,
    scoresKind: spec.outputs.logits !== null
      ? "logits"
      : spec.outputs.probs !== null
      ? "probs"
      : LOGITS_REGEXP.test(scores.name)
      ? "logits"
      : PROBS_REGEXP.test(scores.name)
      ? "probs"
      : null,
    embedding: embedding?.name ?? null,
    embeddingWidth: typeof embedding?.shape[1] === "number"
      ? embedding.shape[1]
      : null,
    columns,
  };
}

function columnsOf(
  classNames: readonly string[],
  labelNames: readonly string[],
): number[] {
  const at = new Map(classNames.map((name, i) => [name, i]));
  const missing = labelNames.filter((name) => !at.has(name));
  const known = new Set(labelNames);
  const more = classNames.filter((name) => !known.has(name));
  if (missing.length === 0 && more.length === 0) {
    return labelNames.map((name) => at.get(name)!);
  }
  throw unusable(
    `its classes must be those of the run${
      missing.length > 0 ? `: it has no ${listed(missing)}` : ""
    }${more.length > 0 ? `: the run has no ${listed(more)}` : ""}`,
  );
}

function inputOf(
  { input_name: name }: ModelSpec,
  inputs: readonly ModelValue[],
): ModelValue {
  if (inputs.length !== 1) {
    throw unusable(
      `it must have one input: it has ${described(inputs)}`,
    );
  }
  const [input] = inputs;
  if (name !== null && name !== input!.name) {
    throw unusable(
      `it must have the input "${name}", as was said of it: it has ${
        described(inputs)
      }`,
    );
  }
  return input!;
}

/** The shape of the input; empty where the model says nothing. */
function checkInput(
  { input_kind: kind, preprocessing }: ModelSpec,
  input: ModelValue,
): ModelValue["shape"] {
  const expected = {
    features: ["n", "d"],
    text: input.shape.length === 2 ? ["n", 1] : ["n"],
    image: preprocessing?.layout === "nhwc"
      ? ["n", preprocessing.height, preprocessing.width, 3]
      : ["n", 3, preprocessing?.height ?? 0, preprocessing?.width ?? 0],
  }[kind];
  const types = {
    features: ["float32", "float64"],
    text: ["string"],
    image: ["float32", "float64"],
  }[kind];
  const fits = types.includes(input.type) &&
    (input.shape.length === 0 ||
      (input.shape.length === expected.length &&
        input.shape.every((d, i) =>
          typeof d === "string" || typeof expected[i] === "string" ||
          d === expected[i]
        )));
  const [rows] = input.shape;
  if (typeof rows === "number" && (rows < 1 || rows > MOST_BATCH)) {
    throw unusable(
      `it must take any number of samples at once, or one from 1 to ${MOST_BATCH}: it takes ${rows}`,
    );
  }
  if (fits) return input.shape;
  throw unusable(
    `its input for ${kind} must be ${types[0]} (${
      expected.join(", ")
    }): it is ${described([input])}`,
  );
}

function scoresOf(
  { outputs: named, class_names: { length: nClasses } }: ModelSpec,
  outputs: readonly ModelValue[],
): ModelValue {
  const name = named.logits ?? named.probs;
  const fits = (value: ModelValue) =>
    FLOATS.includes(value.type) &&
    (value.shape.length === 0 ||
      (value.shape.length === 2 &&
        (typeof value.shape[1] === "string" || value.shape[1] === nClasses)));
  if (name !== null) {
    const found = byName(name, outputs);
    if (fits(found)) return found;
    throw noScores(outputs, nClasses, found);
  }
  const able = outputs.filter((value) =>
    fits(value) && value.name !== named.embedding
  );
  const exact = able.filter(({ shape }) => shape[1] === nClasses);
  for (const choice of [exact, able]) {
    if (choice.length === 1) return choice[0]!;
    const said = [LOGITS_REGEXP, PROBS_REGEXP].map((regexp) =>
      choice.filter((value) => regexp.test(value.name))
    ).find((found) => found.length === 1);
    if (said) return said[0]!;
  }
  if (able.length === 0) throw noScores(outputs, nClasses, null);
  throw unusable(
    `which of its outputs holds logits or probabilities must be said, in outputs: it has ${
      described(outputs)
    }`,
  );
}

function embeddingOf(
  { outputs: { embedding: name } }: ModelSpec,
  outputs: readonly ModelValue[],
  scores: string,
): ModelValue | null {
  const fits = ({ type, shape }: ModelValue) =>
    FLOATS.includes(type) && (shape.length === 0 || shape.length === 2);
  if (name !== null) {
    const found = byName(name, outputs);
    if (fits(found)) return found;
    throw unusable(
      `its embedding must be float32 (n, width): it is ${described([found])}`,
    );
  }
  const able = outputs.filter((value) =>
    fits(value) && value.name !== scores && EMBEDDING_REGEXP.test(value.name)
  );
  return able.length === 1 ? able[0]! : null;
}

/** They are said again in sentences and problems, which PostgreSQL keeps. */
function checkNames(names: readonly string[]): void {
  const bad = names.find((name) =>
    name.length > MOST_NAME || !name.isWellFormed() ||
    name.search(CONTROL_REGEXP) >= 0
  );
  if (bad === undefined) return;
  throw unusable(
    `the names of its input and outputs must be text of at most ${MOST_NAME} characters: one is "${
      short(bad)
    }"`,
  );
}

function byName(name: string, outputs: readonly ModelValue[]): ModelValue {
  const found = outputs.find((value) => value.name === name);
  if (found) return found;
  throw unusable(
    `it must have the output "${name}", as was said of it: it has ${
      described(outputs)
    }`,
  );
}

function noScores(
  outputs: readonly ModelValue[],
  nClasses: number,
  named: ModelValue | null,
): AppError {
  const isZipMap = named
    ? named.type === "other"
    : outputs.some(({ type }) => type === "other");
  const isSingle = nClasses === 2 &&
    outputs.some(({ type, shape }) =>
      FLOATS.includes(type) && (shape.length === 1 || shape[1] === 1)
    );
  return unusable(
    `an output must be float32 (n, ${nClasses}), a column for each class: it has ${
      described(outputs)
    }${
      isZipMap
        ? '. A sequence of maps is what skl2onnx makes by default: export with options={"zipmap": False}'
        : isSingle
        ? ". One logit for two classes is not enough: give it a column for each"
        : ""
    }`,
  );
}

function described(values: readonly ModelValue[]): string {
  const shown = values.slice(0, 6).map(({ name, type, shape }) =>
    `"${short(name)}" ${
      type === "other"
        ? "that is no tensor"
        : `${type} (${shape.map((d) => short(String(d))).join(", ")})`
    }`
  );
  return [...shown, ...values.length > 6 ? ["others"] : []].join(", ") ||
    "none";
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${short(name)}"`).join(", ");
  return names.length > 3 ? `${shown}, … (${names.length})` : shown;
}

function short(name: string): string {
  const text = name.slice(0, 60).replaceAll(CONTROL_REGEXP, "\uFFFD")
    .toWellFormed();
  return name.length > 60 ? `${text}…` : text;
}

function unusable(why: string): AppError {
  return new AppError("unusable_input", `Cannot use model as ${why}`);
}
