const LONGEST_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
};
const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  pow: Math.pow,
  sqrt: Math.sqrt,
  abs: Math.abs,
  exp: Math.exp,
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
  min: Math.min,
  max: Math.max,
};

/**
 * How long to wait before the next attempt.
 *
 * An answer's `Retry-After` or rate limit header wins, unless it asks for more than a day, then the message's expression, then
 * `min(86400, e^(2.5 n))` seconds.
 *
 * @param retried Retries made so far: 0 before the first.
 * @param expression The message's own, in ms; null: none.
 * @param headers Of the answer; null: there was none.
 * @param nowMs The clock.
 * @returns Milliseconds, at most a day.
 */
export function retryDelayMs(
  retried: number,
  expression: string | null,
  headers: Headers | null,
  nowMs: number,
): number {
  const asked = headers && retryAfterMs(headers, nowMs);
  if (asked !== null && asked <= LONGEST_MS) return asked;
  const delay = own(expression, retried) ??
    Math.exp(2.5 * (retried + 1)) * 1000;
  return Math.min(LONGEST_MS, Math.max(0, delay));
}

/** Null: there is no expression, or it has no value for this retry, though it had one when it was published. */
function own(expression: string | null, retried: number): number | null {
  if (expression === null) return null;
  try {
    return evaluate(expression, retried);
  } catch {
    return null;
  }
}

function retryAfterMs(headers: Headers, nowMs: number): number | null {
  for (
    const name of [
      "retry-after",
      "x-ratelimit-reset",
      "x-ratelimit-reset-requests",
      "x-ratelimit-reset-tokens",
    ]
  ) {
    const value = headers.get(name)?.trim();
    if (!value) continue;
    if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
    const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
    if (parts.length > 0 && parts.map((p) => p[0]).join("") === value) {
      return parts.reduce((sum, p) => sum + Number(p[1]) * UNIT_MS[p[2]!]!, 0);
    }
    const at = Date.parse(value);
    if (!Number.isNaN(at)) return Math.max(0, at - nowMs);
  }
  return null;
}

/**
 * Value of a retry-delay expression: numbers, `retried`, `+ - * / %`, parentheses and a few functions.
 *
 * @throws {SyntaxError} If it is none.
 */
export function evaluate(expression: string, retried: number): number {
  const tokens = expression.match(/\d+(?:\.\d+)?|[a-z]+|[-+*/%(),]|\S/g) ?? [];
  let at = 0;
  const fail = () => new SyntaxError(`invalid retry delay "${expression}"`);
  const take = (token: string) => tokens[at] === token && ++at > 0;
  const sum = (): number => {
    let value = product();
    while (true) {
      if (take("+")) value += product();
      else if (take("-")) value -= product();
      else return value;
    }
  };
  const product = (): number => {
    let value = atom();
    while (true) {
      if (take("*")) value *= atom();
      else if (take("/")) value /= atom();
      else if (take("%")) value %= atom();
      else return value;
    }
  };
  const atom = (): number => {
    if (take("-")) return -atom();
    const token = tokens[at++];
    if (token === undefined) throw fail();
    if (token === "(") {
      const value = sum();
      if (!take(")")) throw fail();
      return value;
    }
    if (token === "retried") return retried;
    if (/^\d/.test(token)) return Number(token);
    if (!Object.hasOwn(FUNCTIONS, token) || !take("(")) throw fail();
    const apply = FUNCTIONS[token]!;
    const values = [sum()];
    while (take(",")) values.push(sum());
    if (!take(")")) throw fail();
    return apply(...values);
  };
  const value = sum();
  if (at !== tokens.length || Number.isNaN(value)) throw fail();
  return value;
}
