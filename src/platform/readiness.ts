// Whether the service can answer: GET /readyz.

import type { Readiness } from '../http/ports.ts';
import type { createStorageHealth } from '../storage/sqlite/storage-health.ts';
import { describedError } from './described-error.ts';
import type { LogFields } from './log-messages.ts';
import { proofReadiness } from './probe-setup.ts';
import type { ResolverWatch } from './resolver-watch.ts';

export interface ReadinessPorts {
  readonly storageHealth: ReturnType<typeof createStorageHealth>;
  readonly resolverWatch: Pick<ResolverWatch, 'check'>;
  /** The state of the prober's set-up; null if it has none. */
  readonly proofSetup: () => Parameters<typeof proofReadiness>[0];
  readonly log: (line: LogFields) => void;
}

const noResolver =
  'No DNS resolver answers, so every verdict that needs DNS will be "unknown". Set other resolvers: the log of the service has the cause and an example of the setting.';

export async function checkReadiness(ports: ReadinessPorts): Promise<Readiness> {
  const { storageHealth, resolverWatch, proofSetup, log } = ports;
  const [storageError, resolvers] = await Promise.all([storageHealth.check(), resolverWatch.check()]);
  const storage = storageError === null;
  if (!storage) log({ level: 'error', event: 'storage_not_ready', ...describedError(storageError) });
  const doResolversWork = resolvers.some(({ ok }) => ok);
  const checks = [
    { name: 'storage', ok: storage },
    ...resolvers.map((check) => ({ ...check, name: `resolver ${check.name}` })),
    ...proofReadiness(proofSetup()),
  ];
  return { ok: storage && doResolversWork, checks, ...(!doResolversWork && { message: noResolver }) };
}
