import type { Context } from "hono";
import type { StorageDeps } from "../deps.ts";
import { StorageError } from "../error.ts";
import type { Place } from "../objects.ts";
import type { Caller } from "../token.ts";

/** The caller of a request that needs one. */
export async function callerOf(
  { verify }: StorageDeps,
  c: Context,
): Promise<Caller> {
  return await verify(c.req.header("authorization"));
}

const KEY_REGEXP = /^[\w/!.*'() &$=@;:+,?-]+$/;
const BUCKET_REGEXP = /^[\w!.*'() &$=@;:+,?-]{1,100}$/;

/** Refuses keys that Storage does not take, and steps to a parent folder. */
export function checkKey(key: string): void {
  if (!KEY_REGEXP.test(key) || key.split("/").includes("..")) {
    throw new StorageError("InvalidKey", `Invalid key: ${key}`);
  }
}

/** Refuses names that Storage does not take for a bucket. */
export function checkBucketName(name: string): void {
  if (!BUCKET_REGEXP.test(name) || name.trim() !== name) {
    throw new StorageError("InvalidBucketName");
  }
}

/** Bucket and key of a path such as `/object/<bucket>/<key>`, decoded. */
export function placeOf(c: Context): Place {
  const bucket = c.req.param("bucket")!;
  const key = c.req.param("key")!;
  checkKey(key);
  return { bucket, key };
}

/** An answer in JSON, as Storage labels it. */
export function answer(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** The fields of a JSON body; each reader says what is wrong with its field. */
export class JsonBody {
  readonly #fields: Readonly<Record<string, unknown>>;

  private constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  /** Reads the body of a request. */
  static async of(c: Context): Promise<JsonBody> {
    const value = await c.req.json().catch(() => null);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new StorageError("BadBody", "body must be object");
    }
    return new JsonBody(value);
  }

  /** Fields of an object within the body; null if it is not there. */
  within(name: string): JsonBody | null {
    const value = this.#fields[name];
    if (value === undefined || value === null) return null;
    if (typeof value !== "object") throw wrong(name, "object");
    return new JsonBody(value as Record<string, unknown>);
  }

  /** The field as it is; undefined if it is not there. */
  raw(name: string): unknown {
    return this.#fields[name];
  }

  /** A text that must be there. */
  text(name: string): string {
    const value = this.#fields[name];
    if (value === undefined) {
      throw new StorageError(
        "BadBody",
        `body must have required property '${name}'`,
      );
    }
    if (typeof value !== "string") throw wrong(name, "string");
    return value;
  }

  /** A text, or what stands for none. */
  textOr<T>(name: string, none: T): string | T {
    const value = this.#fields[name];
    return value === undefined || value === null ? none : this.text(name);
  }

  /** An integer of at least `least`; without `none` it must be there. */
  integer(name: string, least: number, none?: number): number {
    const value = this.#fields[name] ?? none;
    if (value === undefined) return Number(this.text(name));
    if (!Number.isSafeInteger(value)) throw wrong(name, "integer");
    if (value as number < least) throw wrong(name, `>= ${least}`);
    return value as number;
  }

  /** One of some values, or what stands for none. */
  choice<T extends string>(name: string, choices: readonly T[], none: T): T {
    const value = (this.#fields[name] ?? none) as T;
    if (choices.includes(value)) return value;
    throw wrong(name, "equal to one of the allowed values");
  }

  /** A list of texts with at least one. */
  texts(name: string): string[] {
    const value = this.#fields[name];
    if (value === undefined) this.text(name);
    if (
      !Array.isArray(value) || value.some((entry) => typeof entry !== "string")
    ) throw wrong(name, "array");
    if (value.length === 0) {
      throw new StorageError(
        "BadBody",
        `body/${name} must NOT have fewer than 1 items`,
      );
    }
    return value;
  }
}

function wrong(name: string, rule: string): StorageError {
  return new StorageError("BadBody", `body/${name} must be ${rule}`);
}
