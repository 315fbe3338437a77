// A map of limited size. When it is full, a new entry replaces the least recently used one.

import { LRUCache } from 'lru-cache';

export type Memory<Value extends {}> = Pick<
  LRUCache<string, Value>,
  'get' | 'has' | 'set' | 'delete' | 'clear'
>;

/**
 * Creates a map of at most `max` entries. It sets the limit as a total size, with a size of 1 for each entry, because the
 * option `max` of lru-cache would allocate the memory for all entries at the start.
 */
export const createMemory = <Value extends {}>(max: number): Memory<Value> =>
  new LRUCache<string, Value>({ maxSize: max, sizeCalculation: () => 1 });
