import { z } from "zod";
import { AppError } from "../errors.ts";

/** Parses `value`, or throws `validation_failed` with one sentence that names field and rule; never the value. */
export function parseWith<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: string,
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 20).map((issue) => ({
    path: pathText(issue.path),
    message: issue.code === "invalid_key"
      ? issue.issues[0]?.message ?? issue.message
      : issue.message,
  }));
  const sentence = issues.slice(0, 3).map(({ path, message }) =>
    path === "" ? message : `${path}: ${message}`
  ).join("; ");
  throw new AppError("validation_failed", `Cannot parse ${what}: ${sentence}`, {
    cause: parsed.error,
    details: { issues },
  });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === "number"
        ? `${text}[${key}]`
        : text === ""
        ? String(key)
        : `${text}.${String(key)}`,
    "",
  );
}

/** Text that PostgreSQL can hold: well-formed Unicode without NUL, of `min` to `max` UTF-16 units. */
export function text(min: number, max: number): z.ZodString {
  return z.string().min(min).max(max).refine(
    (value) => value.isWellFormed() && !value.includes("\0"),
    "must be well-formed Unicode without NUL",
  );
}

/** A 32-bit count or index, from 0. */
export const count = z.int().min(0).max(2_147_483_647);

/** A 32-bit count or index as it stands in a query string. */
export const countText = z.string().regex(
  /^[0-9]{1,10}$/,
  "must be an integer from 0",
).transform(Number).pipe(count);

/** A portion of the dataset. */
export const split = z.enum(["training", "validation", "test", "inference"]);

/** Query parameters of every list. */
export const pageFields = {
  limit: z.string().regex(/^[0-9]{1,3}$/, "must be from 1 to 500").transform(
    Number,
  ).pipe(z.int().min(1).max(500)).default(50),
  cursor: z.string().min(1).max(4_096).nullable().default(null),
} as const;

/** An id in a query string or body. */
export const id = z.guid().transform((value) => value.toLowerCase());

/** Which revision of a run is asked for; null: the published one. */
export const revision = id.nullable().default(null);
