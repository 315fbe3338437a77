// A map that drops the least recently used entries.

import { LRUCache } from 'lru-cache';

export type Memory<Value extends object> = Pick<LRUCache<string, Value>, 'get' | 'set' | 'delete'>;

/** Holds at most `max` entries. Counts sizes, because the option `max` of lru-cache allocates memory for all entries at once. */
export const createMemory = <Value extends object>(max: number): Memory<Value> =>
  new LRUCache<string, Value>({ maxSize: max, sizeCalculation: () => 1 });
