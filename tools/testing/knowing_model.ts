/** A model for tests of what stores and runs one. @module */
import onnxProto from "onnx-proto";

const { onnx } = onnxProto;
const [FLOAT, STRING] = [1, 8];

/**
 * An ONNX model that knows texts by heart, (n, 1) strings to (n, 2) probabilities.
 *
 * @param spam Probability of the second class by text.
 * @param options `otherwise`: of any other text, default one half; `padding`: bytes that it carries for nothing.
 */
export function knowingModel(
  spam: Readonly<Record<string, number>>,
  { otherwise = 0.5, padding = 0 }: { otherwise?: number; padding?: number } =
    {},
): Uint8Array<ArrayBuffer> {
  const tensor = (elemType: number, width: number) => ({
    tensorType: {
      elemType,
      shape: { dim: [{ dimParam: "n" }, { dimValue: width }] },
    },
  });
  const keys = Object.keys(spam).map((text) => new TextEncoder().encode(text));
  const model = onnx.ModelProto.fromObject({
    irVersion: 8,
    opsetImport: [
      { domain: "", version: 17 },
      { domain: "ai.onnx.ml", version: 3 },
    ],
    docString: " ".repeat(padding),
    graph: {
      name: "mails",
      input: [{ name: "text", type: tensor(STRING, 1) }],
      output: [{ name: "probabilities", type: tensor(FLOAT, 2) }],
      initializer: [{ name: "one", dims: [1], dataType: 1, floatData: [1] }],
      node: [
        {
          opType: "LabelEncoder",
          domain: "ai.onnx.ml",
          input: ["text"],
          output: ["spam"],
          attribute: [
            { name: "keys_strings", type: 8, strings: keys },
            { name: "values_floats", type: 6, floats: Object.values(spam) },
            { name: "default_float", type: 1, f: otherwise },
          ],
        },
        { opType: "Sub", input: ["one", "spam"], output: ["ham"] },
        {
          opType: "Concat",
          input: ["ham", "spam"],
          output: ["probabilities"],
          attribute: [{ name: "axis", type: 2, i: 1 }],
        },
      ],
    },
  });
  return Uint8Array.from(onnx.ModelProto.encode(model).finish());
}
