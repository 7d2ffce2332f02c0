import {
  type BadInput,
  listed,
  N_GOOD,
  outputs,
  samples,
} from "./bad_input.ts";

/** Metadata against its schema and its limits. */
export function metadata(): BadInput[] {
  const schema = {
    type: "object",
    properties: { folder: { type: "string", maxLength: 3 } },
    required: ["folder"],
    additionalProperties: false,
  };
  let deep: unknown = 1;
  for (let i = 0; i < 30; i++) deep = { deep };
  return [
    {
      name: "metadata against its schema",
      isAlone: true,
      run: { metadata_schema: schema },
      parts: [
        samples(
          { id: "a", label: 0, folder: "in" },
          { id: "b", label: 1, folder: 5 },
          { id: "c", label: 0, folder: "long" },
          { id: "d", label: 1 },
          { id: "e", label: 1, folder: "in", more: 1 },
        ),
        outputs({ id: "a", logits: [1, 2] }),
      ],
      ends: {
        ranked: 1,
        listed: 4,
        rules: [/column "folder" must be string/, /must NOT have additional/],
      },
    },
    listed(
      "metadata too deep, too long, or of one name",
      samples(
        { id: "m0", deep },
        { id: "m1", long: "x".repeat(20_000) },
        { id: "m2", list: Array(20_000).fill(0) },
        { id: "m3", a: 1, "a\0": 2 },
      ),
      4,
      /nested at most 20 levels/,
      /at most 16384 characters of JSON/,
      /names that differ/,
    ),
    {
      name: "metadata of names that objects have",
      parts: [{
        kind: "samples",
        body:
          '{"id": "m", "__proto__": {"a": 1}, "constructor": 1, "toString": null, "hasOwnProperty": 2}',
      }],
      ends: { ranked: N_GOOD + 1, listed: 0 },
    },
  ];
}
