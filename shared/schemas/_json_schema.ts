import { z } from "zod";
import type { JsonSchema } from "../types/json_schema.ts";

/** What a parser takes, as JSON Schema. Rules that have no word there are left out: the parser is stricter. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...found } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type === "default") {
        jsonSchema.default = (def as z.core.$ZodDefaultDef).defaultValue as
          | string
          | number
          | null;
      }
      const number = numberBehind(def);
      if (number === null) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      const { $schema: _, ...rest } = z.toJSONSchema(number);
      Object.assign(jsonSchema, rest);
    },
  });
  return found;
}

/** A number that comes as its digits, as all do in a query string, is shown as the number. */
function numberBehind(def: z.core.$ZodTypeDef): z.ZodType | null {
  if (def.type !== "pipe") return null;
  const { out } = def as z.core.$ZodPipeDef;
  return out._zod.def.type === "number" ? out as z.ZodType : null;
}
