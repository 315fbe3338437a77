// What the intake of delivery events needs of the rest of the service.

import type { createDns } from '../dns/create-dns.ts';
import { createMailHostNames } from '../dns/mail-host-names.ts';
import type { EventCounter } from '../reports/count.ts';
import type { Gate } from '../reports/gate/gate.ts';
import { watchPolicyBursts } from '../reports/policy-burst.ts';
import { describedError } from './described-error.ts';
import type { IntakePorts } from './event-intake.ts';
import type { LogFields } from './log-messages.ts';
import type { createServiceMetrics } from './service-metrics.ts';
import { keptForLists } from './service-validators.ts';

/** How many domains, and for how many milliseconds, are looked up to name the mail hosts of events before they are stored. */
const mailHostNaming = { timeoutMs: 1000, maxDomains: 100 };

export function intakePortsOf(ports: {
  readonly dns: Pick<ReturnType<typeof createDns>, 'mailHostsForJobs'>;
  readonly counter: EventCounter;
  readonly gate: Gate;
  readonly metrics: Pick<ReturnType<typeof createServiceMetrics>, 'countEvent'>;
  readonly now: () => number;
  readonly log: (line: LogFields) => void;
}): IntakePorts {
  const { dns, counter, gate, metrics, now, log } = ports;
  return {
    // These lookups have the low priority of jobs, because there may be very many events: the lookups of forms go first.
    mailHostsOf: createMailHostNames({
      mailHosts: dns.mailHostsForJobs(keptForLists),
      now,
      ...mailHostNaming,
    }),
    onNewEvent: metrics.countEvent,
    onPolicyBounces: watchPolicyBursts({
      counter,
      now,
      onBurst: (burst) => log({ level: 'warning', event: 'policy_burst', ...burst }),
      onFailure: (error) => log({ level: 'error', event: 'policy_watch_failed', ...describedError(error) }),
    }),
    onScoresTurned: () =>
      gate
        .review()
        .catch((error: unknown) => log({ level: 'error', event: 'gate_failed', ...describedError(error) })),
  };
}
