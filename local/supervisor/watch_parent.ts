/**
 * Preloaded into every child: ends it when the supervisor is gone, however it went. The supervisor holds the other end of our stdin.
 *
 * @module
 */
async function untilParentIsGone(): Promise<void> {
  const buffer = new Uint8Array(1);
  try {
    while (await Deno.stdin.read(buffer) !== null);
  } catch { /* a broken pipe says the same */ }
  Deno.exit(0);
}

untilParentIsGone();
