import { join } from "node:path";
import { encodeViews } from "../../gpu-worker/encoders/mod.ts";
import { cachedFolder } from "./cache.ts";
import { writeNpy } from "../npy.ts";
import { readSource, type Source } from "./read_sources.ts";

/** Where all of them are; another name when what they hold changes. */
export const CONTENTS = "contents-1";

/**
 * A folder with a data set and what our encoders say of it, as a worker encodes it: `names.json`, `truth.npy`, `given_NAME.npy`, `votes.json`,
 * `texts.json`, `pixels.npy`, `view_NAME.npy`, and the same of a test set in `test/`, without views.
 *
 * @param name Of the data set.
 * @param say Told what is done.
 * @returns The folder; null where the data is not there.
 */
export async function contentsOf(
  name: string,
  say: (text: string) => void,
): Promise<string | null> {
  let isMissing = false;
  const folder = await cachedFolder(
    `${CONTENTS}/${name}`,
    async (folder) => {
      const source = await readSource(name);
      if (!source) {
        isMissing = true;
        throw new Deno.errors.NotFound();
      }
      say(`${name}: reading and encoding`);
      await writeSource(folder, source.train);
      await writeViews(folder, source.train);
      if (source.test) {
        const test = join(folder, "test");
        await Deno.mkdir(test);
        await writeSource(test, source.test);
      }
    },
  ).catch((error) => {
    if (!isMissing) throw error;
    return null;
  });
  return folder;
}

async function writeSource(folder: string, source: Source): Promise<void> {
  const json = (name: string, value: unknown) =>
    Deno.writeTextFile(join(folder, `${name}.json`), JSON.stringify(value));
  const labels = (name: string, data: Int32Array<ArrayBuffer>) =>
    writeNpy(join(folder, `${name}.npy`), { data, shape: [data.length] });
  await json("names", source.names);
  await labels("truth", source.truth);
  for (const [name, given] of Object.entries(source.given ?? {})) {
    await labels(`given_${name}`, given);
  }
  if (source.votes) await json("votes", source.votes);
  if (source.texts) await json("texts", source.texts);
  if (source.images) {
    const { shape, pixels } = source.images;
    await writeNpy(join(folder, "pixels.npy"), {
      data: pixels,
      shape: [source.truth.length, ...shape],
    });
  }
}

async function writeViews(folder: string, source: Source): Promise<void> {
  const n = source.truth.length;
  const nothing = new Array(n).fill(null);
  const { views } = await encodeViews({
    texts: source.texts ?? nothing,
    images: source.images?.files ?? nothing,
    features: nothing,
  });
  for (const { name, features: { data, rows, cols } } of views) {
    await writeNpy(join(folder, `view_${name}.npy`), {
      data: data as Float32Array<ArrayBuffer>,
      shape: [rows, cols],
    });
  }
}
