import type { Principal } from "../auth/principal.ts";
import type { Logger } from "../log.ts";
import type { KeyScope } from "@shared/types/project.ts";
import type { Standing, Subject } from "../store/access_store.ts";

/** The caller of one request, and what the route asks of them. */
export interface Access {
  /** Who is calling. */
  readonly caller: Principal;
  /** Throws `not_found` unless the caller has a scope on the subject's project, `forbidden` unless it is the route's, or the one that is named. */
  require(subject: Subject, scope?: KeyScope): Promise<Standing>;
}

/** What middleware leaves for handlers. */
export interface EdgeEnv {
  Variables: {
    requestId: string;
    log: Logger;
    access: Access;
  };
}
