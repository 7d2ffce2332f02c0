/** A whole platform on this machine, for tests of what talks to one. @module */
export {
  type Platform,
  type PlatformOptions,
  startPlatform,
} from "../../local/supervisor/mod.ts";
