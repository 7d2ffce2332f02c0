/**
 * What the worker and a model's process say to each other over stdin and stdout: JSON with bytes behind it, each with its length.
 *
 * @module
 */

/** One message. */
export interface Frame {
  /** What it says; plain JSON. */
  readonly head: Readonly<Record<string, unknown>>;
  /** Bytes that belong to it. */
  readonly body: Uint8Array<ArrayBuffer>;
}

const MOST_HEAD_BYTES = 1_048_576;
const NOTHING = new Uint8Array(0);

/** A message as bytes: two lengths, 32 bits little-endian, then head and body. The body is not copied. */
export function encodeFrame(
  head: Frame["head"],
  body: Uint8Array = NOTHING,
): Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const lengths = new DataView(new ArrayBuffer(8));
  lengths.setUint32(0, json.length, true);
  lengths.setUint32(4, body.length, true);
  return [new Uint8Array(lengths.buffer), json, body];
}

/** Reads messages, from a pipe that gives as many bytes as it has. */
export class FrameReader {
  readonly #read: (into: Uint8Array) => Promise<number | null>;
  readonly #mostBodyBytes: () => number;

  /**
   * @param read Fills a part of a buffer; null at the end.
   * @param mostBodyBytes Most that the body of the next message may have.
   */
  constructor(
    read: (into: Uint8Array) => Promise<number | null>,
    mostBodyBytes: () => number,
  ) {
    this.#read = read;
    this.#mostBodyBytes = mostBodyBytes;
  }

  /**
   * The next message; null at the end.
   *
   * @throws {RangeError} If it is larger than it may be.
   */
  async next(): Promise<Frame | null> {
    const lengths = await this.#fill(8, true);
    if (lengths === null) return null;
    const view = new DataView(lengths.buffer);
    const [headBytes, bodyBytes] = [
      view.getUint32(0, true),
      view.getUint32(4, true),
    ];
    const most = this.#mostBodyBytes();
    if (headBytes > MOST_HEAD_BYTES || bodyBytes > most) {
      throw new RangeError(
        `Cannot read message as it must have at most ${MOST_HEAD_BYTES} and ${most} bytes: current values are ${headBytes} and ${bodyBytes}`,
      );
    }
    const json = new TextDecoder().decode((await this.#fill(headBytes))!);
    const head = JSON.parse(json) as Frame["head"];
    return { head, body: (await this.#fill(bodyBytes))! };
  }

  async #fill(
    bytes: number,
    mayEnd = false,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const buffer = new Uint8Array(bytes);
    for (let filled = 0; filled < bytes;) {
      const read = await this.#read(buffer.subarray(filled));
      if (read === null && filled === 0 && mayEnd) return null;
      if (read === null) throw new Error("Cannot read message: it broke off");
      filled += read;
    }
    return buffer;
  }
}
