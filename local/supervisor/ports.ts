/** `wanted` if nothing listens there on this machine, else one that is free. */
export function freePort(wanted = 0): number {
  for (const port of wanted === 0 ? [0] : [wanted, 0]) {
    try {
      const listener = Deno.listen({ hostname: "127.0.0.1", port });
      const taken = (listener.addr as Deno.NetAddr).port;
      listener.close();
      return taken;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("Cannot find a free port on 127.0.0.1");
}

/**
 * A port the user asked for; null if they did not.
 *
 * @throws {Error} If it is no port.
 */
export function givenPort(name: string): number | null {
  const text = Deno.env.get(name);
  if (text === undefined || text === "") return null;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(
      `Cannot start as ${name} must be a port: current value is "${text}"`,
    );
  }
  return port;
}

/**
 * A port the user asked for, and that is free.
 *
 * @throws {Error} If it is taken or no port.
 */
export function askedPort(name: string): number | null {
  const port = givenPort(name);
  if (port !== null && freePort(port) !== port) {
    throw new Error(
      `Cannot start as port ${port} is taken: stop what listens there, or set ${name} to another`,
    );
  }
  return port;
}
