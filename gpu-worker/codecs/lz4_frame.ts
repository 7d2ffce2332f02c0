const MAGIC = 0x184d2204;
const HAS_BLOCK_CHECKSUM = 0x10;
const HAS_CONTENT_SIZE = 0x08;
const HAS_CONTENT_CHECKSUM = 0x04;
const HAS_DICTIONARY = 0x01;
const IS_PLAIN = 0x8000_0000;
const LEAST_MATCH = 4;

/**
 * Bytes of one LZ4 frame. Writes no further than `size`, reads no further than the frame; checksums are not compared, as the whole
 * part was hashed on arrival.
 *
 * Source: LZ4 Frame Format 1.6.4 and LZ4 Block Format (lz4/lz4, doc/).
 *
 * @param frame The frame.
 * @param size How many bytes it holds, as its container says.
 * @throws {RangeError} If it is no whole frame of that size.
 */
export function decodeLz4Frame(frame: Uint8Array, size: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const whole = new Uint8Array(size);
  if (view.getUint32(0, true) !== MAGIC) refuse();
  const flags = view.getUint8(4);
  if (flags >> 6 !== 1 || (flags & HAS_DICTIONARY) !== 0) refuse();
  let at = 7 + ((flags & HAS_CONTENT_SIZE) !== 0 ? 8 : 0);
  let written = 0;
  while (true) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const length = word & ~IS_PLAIN;
    if (at + length > frame.length) refuse();
    const block = frame.subarray(at, at + length);
    if ((word & IS_PLAIN) !== 0) {
      if (written + length > size) refuse();
      whole.set(block, written);
      written += length;
    } else {
      written = decodeBlock(block, whole, written);
    }
    at += length + ((flags & HAS_BLOCK_CHECKSUM) !== 0 ? 4 : 0);
  }
  if ((flags & HAS_CONTENT_CHECKSUM) !== 0) at += 4;
  if (written !== size || at > frame.length) refuse();
  return whole;
}

/** Appends a block at `written`; a match may reach into blocks before. Returns where it ends. */
function decodeBlock(
  block: Uint8Array,
  whole: Uint8Array,
  written: number,
): number {
  let at = 0;
  const length = (nibble: number): number => {
    let sum = nibble;
    if (nibble < 15) return sum;
    while (true) {
      const byte = block[at++] ?? refuse();
      sum += byte;
      if (byte < 255) return sum;
    }
  };
  while (at < block.length) {
    const token = block[at++]!;
    const nLiterals = length(token >> 4);
    if (at + nLiterals > block.length || written + nLiterals > whole.length) {
      refuse();
    }
    whole.set(block.subarray(at, at + nLiterals), written);
    at += nLiterals;
    written += nLiterals;
    if (at === block.length) break; // the last sequence has literals only
    if (at + 2 > block.length) refuse();
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const nMatch = length(token & 15) + LEAST_MATCH;
    if (
      distance === 0 || distance > written || written + nMatch > whole.length
    ) refuse();
    if (distance >= nMatch) {
      whole.copyWithin(
        written,
        written - distance,
        written - distance + nMatch,
      );
      written += nMatch;
    } else { // it repeats what it writes
      for (const end = written + nMatch; written < end; written++) {
        whole[written] = whole[written - distance]!;
      }
    }
  }
  return written;
}

function refuse(): never {
  throw new RangeError("it is no whole LZ4 frame");
}
