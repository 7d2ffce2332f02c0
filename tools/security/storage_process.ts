import type { World } from "../../functions/_shared/testing/world.ts";

/** A Storage server of a test. */
export interface StorageProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the Storage server on a world's database, believing its people's tokens. */
export async function startStorage(
  world: World,
  jwtSecret: string,
): Promise<StorageProcess> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const folder = await Deno.makeTempDir();
  const keys = await fetch(
    `${world.platform.url}/auth/v1/.well-known/jwks.json`,
  );
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("../../local/storage/main.ts", import.meta.url).pathname,
    ],
    env: {
      DATABASE_URL: world.databaseUrl("supabase_storage_admin"),
      STORAGE_DIR: folder,
      PORT: String(port),
      JWT_SECRET: jwtSecret,
      JWKS: await keys.text(),
      STORAGE_PUBLIC_URL: `${world.platform.url}/storage/v1`,
    },
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  while (true) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return {
    url,
    async stop() {
      process.kill("SIGTERM");
      await process.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}
