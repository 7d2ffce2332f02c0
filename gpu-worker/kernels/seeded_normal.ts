export { seededNormal } from "@shared/statistics/seeded_normal.ts";
