/**
 * `deno task test:clean`: ends the databases that single tests share between runs, and removes their data.
 *
 * @module
 */
import { removeServers } from "./testing/servers.ts";

await removeServers();
