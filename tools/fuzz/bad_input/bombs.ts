import { utf8 } from "@uwdata/flechette";
import {
  ARROW,
  type BadInput,
  JSON_TYPE,
  lines,
  listed,
  N_GOOD,
  stream,
} from "./bad_input.ts";

function gzip(
  chunk: Uint8Array<ArrayBuffer>,
  times: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (times-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  });
  const packed = source.pipeThrough(new CompressionStream("gzip"));
  return new Response(packed).bytes() as Promise<Uint8Array<ArrayBuffer>>;
}

/** Few bytes that grow. */
export async function bombs(): Promise<readonly BadInput[]> {
  const zeros = new Uint8Array(4 * 1024 ** 2);
  const objects = new TextEncoder().encode("{}\n".repeat(1 << 18));
  const ids = stream({ id: ["s0", "s1"] }, { id: utf8() });
  const [bomb, rowBomb, arrowBomb] = await Promise.all([
    gzip(zeros, 130),
    gzip(objects, 16),
    gzip(ids, 1),
  ]);
  return [
    listed(
      "gzip that grows past 512 MB",
      {
        kind: "samples",
        body: bomb,
        encoding: "gzip",
      },
      1,
      /must not grow past 536870912 bytes when unpacked/,
    ),
    listed(
      "gzip of more than 4,000,000 rows",
      {
        kind: "samples",
        body: rowBomb,
        encoding: "gzip",
      },
      1,
      /at most 4000000 rows: send it as several parts/,
    ),
    listed(
      "gzip of Arrow that is cut short",
      {
        kind: "outputs",
        body: arrowBomb.slice(0, -9),
        type: ARROW,
        encoding: "gzip",
      },
      1,
      /no whole gzip/,
    ),
    listed(
      "gzip of JSON that grows past 32 MB",
      {
        kind: "samples",
        body: await gzip(new Uint8Array(4 * 1024 ** 2).fill(32), 9),
        type: JSON_TYPE,
        encoding: "gzip",
      },
      1,
      /a JSON array must have at most 33554432 bytes when unpacked/,
    ),
    {
      name: "20,000 rows that each bring a column of their own",
      parts: [{
        kind: "samples",
        body: lines(
          Array.from(
            { length: 20_000 },
            (_, i) => ({ id: `n${i}`, [`k${i}`]: i }),
          ),
        ),
      }],
      ends: { ranked: N_GOOD + 20_000, listed: 0 },
    },
  ];
}
