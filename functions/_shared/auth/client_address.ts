/**
 * Address that a request came from, as the nearest proxy has seen it: the last entry of the header. Whoever can reach a function past its proxy can
 * write there what they like; nothing but the count of failed authentications believes it.
 *
 * @param headers Of the request.
 * @param name Header that the proxy writes, such as `x-forwarded-for`.
 */
export function clientAddress(headers: Headers, name: string): string {
  const last = headers.get(name)?.split(",").at(-1)?.trim() ?? "";
  return last.slice(0, 64) || "unknown";
}
