/**
 * Address that a request came from, as the nearest proxy has seen it: the last entry of the header. Whoever can reach a function past its proxy can
 * write there what they like; nothing but the count of failed authentications believes it. Of IPv6 the network, as anybody has 2^64 addresses.
 *
 * @param headers Of the request.
 * @param name Header that the proxy writes, such as `x-forwarded-for`.
 */
export function clientAddress(headers: Headers, name: string): string {
  const last = headers.get(name)?.split(",").at(-1)?.trim() ?? "";
  return networkOf(last.slice(0, 64)) || "unknown";
}

/** The first 64 bits of an IPv6 address; anything else as it is. */
function networkOf(address: string): string {
  const [start = "", end] = address.toLowerCase().split("::");
  if (!address.includes(":") || address.includes(".")) return address;
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const known = [groups(start), groups(end ?? "")] as const;
  const missing = end === undefined ? 0 : 8 - known[0].length - known[1].length;
  const all = [
    ...known[0],
    ...Array(Math.max(0, missing)).fill("0"),
    ...known[1],
  ];
  return all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
