/** A slot takes 16 bytes. */
const FIRST_SLOTS = 2 ** 16;
const NOBODY = -1;
/** Slots looked at for one n-gram. 8.3 million at random in 2^24 slots never needed more; whoever chooses texts to collide gets no further. */
const MOST_PROBES = 256;

/**
 * In how many texts each of many n-grams was met, by 64-bit hash: no n-gram is kept as a string.
 *
 * Memory is bounded: when the table may not grow any more, the rarest n-grams are forgotten. So is time: an n-gram is not counted if 256 slots from
 * its own are taken. What is left depends only on what was counted, in its order.
 */
export class NgramTable {
  /** n-grams held. */
  size = 0;
  readonly #mostSlots: number;
  #high = new Int32Array(FIRST_SLOTS);
  #low = new Int32Array(FIRST_SLOTS);
  #lastText: Int32Array = new Int32Array(FIRST_SLOTS).fill(NOBODY);
  #counts = new Int32Array(FIRST_SLOTS);

  /**
   * Makes an empty table.
   *
   * @param mostSlots A power of two, at least 2^16; half of it is the number of n-grams held at most.
   */
  constructor(mostSlots = 2 ** 24) {
    this.#mostSlots = mostSlots;
  }

  /** Number of slots; a slot is in 0..slots-1. */
  get slots(): number {
    return this.#counts.length;
  }

  /** Texts that the n-gram of a slot was met in; 0: the slot is empty. */
  countAt(slot: number): number {
    return this.#counts[slot]!;
  }

  /** Counts an n-gram, once a text. */
  count(high: number, low: number, text: number): void {
    let slot = this.find(high, low);
    if (slot === NOBODY) return;
    if (this.#counts[slot] === 0) {
      if (2 * (this.size + 1) > this.slots) {
        this.#makeRoom();
        slot = this.find(high, low);
        if (slot === NOBODY) return;
      }
      this.size++;
      this.#high[slot] = high;
      this.#low[slot] = low;
    } else if (this.#lastText[slot] === text) return;
    this.#lastText[slot] = text;
    this.#counts[slot]!++;
  }

  /** Slot of an n-gram, or the empty slot where it would stand; -1 if there is none near. */
  find(high: number, low: number): number {
    const mask = this.slots - 1;
    let slot = (low ^ (high >>> 7)) & mask;
    for (let probes = 0; probes < MOST_PROBES; probes++) {
      if (
        this.#counts[slot] === 0 ||
        (this.#low[slot] === low && this.#high[slot] === high)
      ) return slot;
      slot = (slot + 1) & mask;
    }
    return NOBODY;
  }

  #makeRoom(): void {
    let slots = this.slots;
    let least = 1;
    if (slots < this.#mostSlots) slots *= 2;
    else {
      let left = this.size;
      for (; left > slots / 4; least++) {
        for (const count of this.#counts) if (count === least) left--;
      }
    }
    const before = {
      high: this.#high,
      low: this.#low,
      lastText: this.#lastText,
      counts: this.#counts,
    };
    this.#high = new Int32Array(slots);
    this.#low = new Int32Array(slots);
    this.#lastText = new Int32Array(slots).fill(NOBODY);
    this.#counts = new Int32Array(slots);
    this.size = 0;
    for (let from = 0; from < before.counts.length; from++) {
      if (before.counts[from]! < least) continue;
      const slot = this.find(before.high[from]!, before.low[from]!);
      if (slot === NOBODY) continue;
      this.#high[slot] = before.high[from]!;
      this.#low[slot] = before.low[from]!;
      this.#lastText[slot] = before.lastText[from]!;
      this.#counts[slot] = before.counts[from]!;
      this.size++;
    }
  }
}
