// A map that drops the least recently used entries.

import { LRUCache } from 'lru-cache';

export type Memory<Value extends object> = Pick<LRUCache<string, Value>, 'get' | 'set' | 'delete'>;

/** Holds at most `max` entries. lru-cache's own `max` would allocate all of them up front; sizes do not. */
export const createMemory = <Value extends object>(max: number): Memory<Value> =>
  new LRUCache<string, Value>({ maxSize: max, sizeCalculation: () => 1 });
