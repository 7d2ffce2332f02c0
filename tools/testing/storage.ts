/** Storage on this machine, for tests of what talks to it. @module */
export {
  type StorageWorld,
  withStorage,
} from "../../local/storage/testing/world.ts";
