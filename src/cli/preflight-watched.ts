// `presend preflight --watched`: checks the watched domains now, in the database of the service.

import { minuteName } from '../calendar.ts';
import { createCauseSearch } from '../diagnosis/diagnoses.ts';
import { changeSentence } from '../diagnosis/sender-dns-incident.ts';
import { watchedAnswer } from '../http/routes/preflights.ts';
import { counted } from '../number-text.ts';
import { createSenderWatching } from '../platform/sender-watch.ts';
import { UsageError } from '../platform/usage-error.ts';
import type { PreflightFinding } from '../preflight/finding.ts';
import type { Preflight } from '../preflight/preflight.ts';
import type { WatchedDomain } from '../preflight/watch/watch.ts';
import type { StoredChange } from '../preflight/watch/watch-repository.ts';
import { createEventCounter } from '../storage/sqlite/event-counter.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { findingText } from './finding-text.ts';
import { openServiceDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

/**
 * Checks the watched domains, prints them and returns their findings. The service, and not this command, sends the webhook about
 * a change.
 */
export async function checkWatched(
  preflight: Preflight,
  isJson: boolean | undefined,
): Promise<PreflightFinding[]> {
  const { settings } = await settingsOfEnvironment();
  if (settings.watchedDomains.length === 0)
    throw new UsageError(
      'PREFLIGHT_DOMAINS is not set. Set it to your domains, for example: PREFLIGHT_DOMAINS="example.com selector=s1"',
    );
  const { sqlite, database } = await openServiceDatabase(settings.databasePath);
  try {
    const now = () => Date.now();
    const { watch } = createSenderWatching({
      ...{ settings, database, now },
      findCauses: createCauseSearch(createEventCounter(database)),
      preflight: async () => preflight,
      log: () => {},
      tellIncident: () => {},
      delivery: null,
    });
    const findings: PreflightFinding[] = [];
    for (const domain of watch.domains) {
      const started = now();
      const watched = await watch.check(domain);
      if (watched === null) continue;
      const changes = await watch.changes(domain);
      findings.push(...(watched.state?.findings ?? []));
      process.stdout.write(
        isJson
          ? `${JSON.stringify(watchedAnswer(watched, changes))}\n`
          : watchedText(
              watched,
              changes.filter(({ at }) => at >= started),
            ),
      );
    }
    return findings;
  } finally {
    sqlite.close();
  }
}

function watchedText(
  { domain, state, checkedAt, failedAt }: WatchedDomain,
  changes: readonly StoredChange[],
): string {
  const findings = state?.findings ?? [];
  const faults = findings.filter(({ severity }) => severity !== 'info').length;
  const head =
    failedAt !== null
      ? `${domain}: no DNS resolver answered${checkedAt === null ? '' : `. These are the findings of the last check that worked, at ${minuteName(checkedAt)} UTC`}`
      : `${domain}: ${faults === 0 ? 'no fault found' : counted(faults, 'fault')}`;
  const text = [
    `${head}\n`,
    ...changes.flatMap((change) => [
      `changed  ${changeSentence(change)}\n`,
      ...change.differences.map(({ name, before, after }) => `         ${name}: ${before} → ${after}\n`),
    ]),
    ...findings.map(
      (finding) =>
        `${findingText(finding)}         Seen since: ${sinceText(finding.firstSeenAt, finding.unseenAt)}\n`,
    ),
    '\n',
  ].join('');
  return text.split('\n').map(printable).join('\n');

  function sinceText(firstSeenAt: number, unseenAt: number | null): string {
    return unseenAt === null
      ? `${minuteName(firstSeenAt)} UTC, at the first check of the domain`
      : `${minuteName(firstSeenAt)} UTC (the check at ${minuteName(unseenAt)} UTC did not find it)`;
  }
}
