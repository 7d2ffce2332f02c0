/** The parts of `local/database` that tests use. @module */
export {
  type LoginRole,
  migrate,
  setRolePasswords,
} from "../../local/database/migrate.ts";
export {
  type DatabaseServer,
  startServer,
} from "../../local/database/server.ts";
export { stopOrphans } from "../../local/database/orphan.ts";
export { databaseFolder } from "../../local/database/place.ts";
