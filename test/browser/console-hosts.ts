// The runtimes on which the stories of the console are played: the same service, the same browser, the same words.

import type { Zone } from '../dns/zone.ts';
import { startNodeService } from '../http/node-service.ts';
import { startWorkerService } from '../http/worker-service.ts';

/** Starts the service of a scene. */
export type StartService = (options: {
  readonly zone: Zone;
  readonly settings?: Readonly<Record<string, string>>;
}) => Promise<{ readonly url: string; stop(): Promise<void> }>;

interface Look {
  readonly colorScheme: 'light' | 'dark';
  readonly width: number;
}

export interface ConsoleHost {
  readonly name: string;
  readonly start: StartService;
  /** The looks in which axe examines each page. */
  readonly looks: readonly Look[];
}

const everyLook: readonly Look[] = [
  { colorScheme: 'light', width: 320 },
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 320 },
  { colorScheme: 'dark', width: 1280 },
];

/**
 * On workerd each color scheme and each size is examined once, because the same code writes the pages there. EVERY_LOOK=1, as
 * `npm run system` sets it, examines them all.
 */
export const consoleHosts: readonly ConsoleHost[] = [
  { name: 'Node', start: startNodeService, looks: everyLook },
  {
    name: 'workerd',
    start: startWorkerService,
    looks: process.env['EVERY_LOOK'] ? everyLook : [everyLook[1]!, everyLook[2]!],
  },
];
