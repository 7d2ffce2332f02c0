export { seededRandom } from "@shared/statistics/seeded_random.ts";
