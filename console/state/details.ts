import type { SampleDetail } from "../api/types.ts";
import type { SampleKey } from "./route.ts";

/** Whole samples, fetched once and ahead of the reader; the oldest are forgotten. */
export interface DetailCache {
  get(key: SampleKey): Promise<SampleDetail>;
  /** The sample if it is here already. */
  peek(key: SampleKey): SampleDetail | null;
  prefetch(keys: readonly SampleKey[]): void;
}

const KEPT = 80;

export function createDetailCache(
  fetchDetail: (key: SampleKey) => Promise<SampleDetail>,
): DetailCache {
  const promises = new Map<SampleKey, Promise<SampleDetail>>();
  const values = new WeakMap<Promise<SampleDetail>, SampleDetail>();

  const get = (key: SampleKey): Promise<SampleDetail> => {
    const known = promises.get(key);
    if (known) return known;
    const promise = fetchDetail(key);
    promises.set(key, promise);
    promise.then(
      (detail) => values.set(promise, detail),
      () => promises.delete(key), // asked again next time
    );
    if (promises.size > KEPT) promises.delete(promises.keys().next().value!);
    return promise;
  };
  return {
    get,
    peek(key) {
      const promise = promises.get(key);
      return promise ? values.get(promise) ?? null : null;
    },
    prefetch(keys) {
      for (const key of keys) get(key).catch(() => {}); // shown when it is asked for
    },
  };
}
