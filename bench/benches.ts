// All benches. The module of a bench is loaded when the bench runs.

import type { Bench } from './figures.ts';

/** In the order in which they are run and shown. */
export const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  verdict: () => import('./verdict.ts'),
  http: () => import('./http.ts'),
  memory: () => import('./memory.ts'),
  start: () => import('./start.ts'),
  suppression: () => import('./suppression.ts'),
  reports: () => import('./reports.ts'),
  console: () => import('./console.ts'),
  list: () => import('./list.ts'),
  hedge: () => import('./hedge.ts'),
  typo: () => import('./typo.ts'),
  disposable: () => import('./disposable.ts'),
  simulate: () => import('./simulate.ts'),
};

/** The benches that give useful ratios even in a short run of a few seconds. */
export const smokeNames = ['verdict', 'http', 'suppression', 'list', 'typo', 'disposable'];
