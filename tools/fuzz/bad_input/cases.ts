import { atTheEdge } from "./at_the_edge.ts";
import type { BadInput } from "./bad_input.ts";
import { bombs } from "./bombs.ts";
import { damagedParts } from "./damaged_parts.ts";
import { metadata } from "./metadata.ts";
import { shapes } from "./shapes.ts";
import { wrongRows } from "./wrong_rows.ts";

/** All cases, by name. Some take a second to make. */
export async function badInputs(): Promise<readonly BadInput[]> {
  return [
    ...damagedParts(),
    ...wrongRows(),
    ...shapes(),
    ...metadata(),
    ...atTheEdge(),
    ...await bombs(),
  ];
}
