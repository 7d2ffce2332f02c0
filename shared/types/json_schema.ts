/** A JSON Schema of draft 2020-12, as decoded JSON. */
export type JsonSchema = Readonly<Record<string, unknown>>;
