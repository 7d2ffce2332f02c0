import type { Access } from "./access.ts";
import type { Logger } from "../log.ts";

/** What middleware leaves for handlers. */
export interface EdgeEnv {
  Variables: {
    requestId: string;
    log: Logger;
    access: Access;
  };
}
