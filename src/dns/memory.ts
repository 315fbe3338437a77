// A map that forgets what was not used for longest.

import { LRUCache } from 'lru-cache';

export type Memory<Value extends object> = Pick<LRUCache<string, Value>, 'get' | 'set' | 'delete'>;

/** At most `max` entries. They are counted as sizes, since `max` of lru-cache sets all the room aside at the start. */
export const createMemory = <Value extends object>(max: number): Memory<Value> =>
  new LRUCache<string, Value>({ maxSize: max, sizeCalculation: () => 1 });
