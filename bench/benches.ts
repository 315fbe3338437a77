// All benches, loaded when they are run.

import type { Bench } from './figures.ts';

/** In the order in which they are run and shown. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  verdict: () => import('./verdict.ts'),
  http: () => import('./http.ts'),
  memory: () => import('./memory.ts'),
  start: () => import('./start.ts'),
  suppression: () => import('./suppression.ts'),
  list: () => import('./list.ts'),
  hedge: () => import('./hedge.ts'),
  typo: () => import('./typo.ts'),
  disposable: () => import('./disposable.ts'),
  simulate: () => import('./simulate.ts'),
};

/** Those that tell something within seconds. */
export const smokeNames = ['verdict', 'http', 'suppression', 'list', 'typo', 'disposable'];
