import type { ImagePreprocessing, ModelDescription } from "./model_types.ts";

const MOST_CLASSES = 10_000;
const MOST_SIDE = 2_048;
const PREPROCESSING = [
  ...["width", "height", "layout", "valueRange", "mean", "std", "fit"],
] as const;
const OUTPUTS = ["logits", "probs", "embedding"] as const;

/**
 * What the server is told of a model: body of `PUT /models/{model_id}`, all but its project.
 *
 * @param model What the user said.
 * @param fileName Name of its file without the ending; null: it has none.
 * @throws {RangeError} If the server could only refuse it.
 */
export function modelBody(
  model: ModelDescription,
  fileName: string | null = null,
): Record<string, unknown> {
  const { inputKind, preprocessing, inputName, outputs = {} } = model;
  const name = model.name ?? (fileName?.slice(0, 200) || "model");
  checkText("name", name, 200);
  checkOneOf("inputKind", inputKind, ["features", "image", "text"]);
  if (inputName !== undefined) checkText("inputName", inputName, 500);
  if ((inputKind === "image") !== (preprocessing !== undefined)) {
    refuse(
      `preprocessing is needed with inputKind "image", and only there: inputKind is "${inputKind}"`,
    );
  }
  checkNames("outputs", outputs, OUTPUTS);
  for (const [kind, output] of Object.entries(outputs)) {
    if (output !== null) checkText(`outputs.${kind}`, output, 500);
  }
  const { logits = null, probs = null, embedding = null } = outputs;
  if (logits !== null && probs !== null) {
    refuse("outputs must name logits or probs, not both");
  }
  return {
    name,
    input_kind: inputKind,
    input_name: inputName ?? null,
    preprocessing: preprocessing ? preprocessingBody(preprocessing) : null,
    class_names: classNames(model.classNames),
    outputs: { logits, probs, embedding },
  };
}

function classNames(given: ModelDescription["classNames"]): string[] {
  if (!Array.isArray(given)) {
    refuse(
      `classNames must be an array of names: current value is ${
        JSON.stringify(given)
      }`,
    );
  }
  const names = given.map(String);
  if (names.length < 1 || names.length > MOST_CLASSES) {
    refuse(
      `classNames must be 1 to ${MOST_CLASSES} names: got ${names.length}`,
    );
  }
  const seen = new Set<string>();
  for (const [i, name] of names.entries()) {
    checkText(`classNames[${i}]`, name, 500);
    if (seen.has(name)) {
      refuse(`classNames must name each class once: "${name}" comes again`);
    }
    seen.add(name);
  }
  return names;
}

function preprocessingBody(given: ImagePreprocessing): Record<string, unknown> {
  checkNames("preprocessing", given, PREPROCESSING);
  const { width, height, layout, valueRange, mean, std, fit } = given;
  for (const [name, pixels] of Object.entries({ width, height })) {
    if (!Number.isInteger(pixels) || pixels < 1 || pixels > MOST_SIDE) {
      refuse(
        `preprocessing.${name} must be a whole number from 1 to ${MOST_SIDE}: current value is ${pixels}`,
      );
    }
  }
  if (layout) checkOneOf("preprocessing.layout", layout, ["nchw", "nhwc"]);
  if (fit) checkOneOf("preprocessing.fit", fit, ["fill", "cover"]);
  if (valueRange !== undefined) {
    checkOneOf("preprocessing.valueRange", valueRange, [1, 255]);
  }
  checkChannels("mean", mean, -1e6);
  checkChannels("std", std, 1e-6);
  return { width, height, layout, value_range: valueRange, mean, std, fit };
}

function checkChannels(
  name: string,
  numbers: readonly number[] | undefined,
  least: number,
): void {
  if (numbers === undefined) return;
  const isGood = numbers.length === 3 &&
    numbers.every((x) => x >= least && x <= 1e6);
  if (isGood) return;
  refuse(
    `preprocessing.${name} must be three numbers from ${least} to 1000000, one a channel: current value is ${
      JSON.stringify(numbers)
    }`,
  );
}

function checkText(what: string, text: unknown, most: number): void {
  const isGood = typeof text === "string" && text.length >= 1 &&
    text.length <= most && !text.includes("\0");
  if (isGood) return;
  refuse(
    typeof text === "string" && !text.includes("\0")
      ? `${what} must have 1 to ${most} characters: it has ${text.length}`
      : `${what} must be a text without NUL: current value is ${
        JSON.stringify(text)
      }`,
  );
}

function checkOneOf<T>(what: string, value: T, allowed: readonly T[]): void {
  if (allowed.includes(value)) return;
  const list = allowed.map((each) => JSON.stringify(each)).join(", ");
  refuse(
    `${what} must be one of ${list}: current value is ${JSON.stringify(value)}`,
  );
}

function checkNames(
  what: string,
  given: object,
  known: readonly string[],
): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  refuse(`${what} has ${known.join(", ")}: current name is "${stranger}"`);
}

function refuse(rule: string): never {
  throw new RangeError(`Cannot upload model as ${rule}`);
}
