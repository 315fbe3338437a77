// Creates the validator of the command line, configured from the environment.

import { existsSync } from 'node:fs';
import { mergeDomainLists, type Overrides } from '../overrides/domain-lists.ts';
import type { Settings } from '../platform/settings.ts';
import { readDomainList, settingsOfEnvironment } from './arguments.ts';

interface ListPatience {
  readonly leastTimeoutMs: number;
  readonly batchTimeoutMs: number;
  readonly maxKept: number;
  /** False: do not ask the suppression list. */
  readonly asksSuppressions?: false;
}

/** Loads the data pack that `presend data update` wrote. If the data pack is damaged, presend uses the built-in lists. */
export async function applyDataFile(settings: Settings): Promise<void> {
  const { dataFilePath, loadDataFile } = await import('../platform/data-file.ts');
  const path = dataFilePath(settings);
  if (path === null || !existsSync(path)) return;
  const loading = await loadDataFile(path, settings.data.publicKeys);
  if (loading.kind === 'unusable') process.stderr.write(`presend: ${path} is not used. ${loading.why}\n`);
}

/**
 * Creates the validator. `fromOptions` are the overrides from the command line. The files ALLOW_FILE and DENY_FILE apply too, and
 * so do the suppression list and the overrides of a database, which `serve` creates. `list` is set when a whole list is cleaned:
 * lookups may then take longer, because no person waits for a single row.
 */
export async function openValidator(fromOptions: Overrides, list?: ListPatience) {
  const { createValidator } = await import('../index.ts');
  const { fetchTransport } = await import('../dns/transport/fetch.ts');
  const { createHttp2Transport } = await import('../dns/transport/http2.ts');
  const { plainDnsOf } = await import('../dns/transport/plain-node.ts');
  const { settings } = await settingsOfEnvironment();
  await applyDataFile(settings);
  const given = {
    allow: mergeDomainLists(fromOptions.allow, readDomainList(settings.allowFile ?? undefined)),
    deny: mergeDomainLists(fromOptions.deny, readDomainList(settings.denyFile ?? undefined)),
  };
  const options = {
    dohUrls: settings.dohUrls,
    timeoutMs: Math.max(settings.validateTimeoutMs, list?.leastTimeoutMs ?? 0),
    batchTimeoutMs: list?.batchTimeoutMs ?? settings.batchTimeoutMs,
    ...(list && { maxKept: list.maxKept }),
    smtputf8: settings.smtputf8,
    transport: createHttp2Transport(fetchTransport(fetch)),
    ...plainDnsOf(settings),
  };
  if (!existsSync(settings.databasePath))
    return {
      validator: createValidator({ ...options, overrides: () => given }),
      engagement: undefined,
      settings,
      close: () => {},
    };

  const { hashKey } = await import('../platform/hash-key-file.ts');
  const { openDatabase } = await import('../platform/database-file.ts');
  const { nodeHasher } = await import('../suppression/node-hasher.ts');
  const { createOverrideStore } = await import('../overrides/override-store.ts');
  const { createSuppressionList } = await import('../suppression/list.ts');
  const { createOverrideRepository } = await import('../storage/sqlite/override-repository.ts');
  const { createSuppressionRepository } = await import('../storage/sqlite/suppression-repository.ts');
  const { createEngagementLookup } = await import('../events/engagement-lookup.ts');
  const { createEngagementRepository } = await import('../storage/sqlite/engagement-repository.ts');
  const { sqlite, database } = openDatabase(settings.databasePath);
  const hasher = nodeHasher(hashKey(settings, sqlite));
  const suppressions = createSuppressionList({
    repository: createSuppressionRepository(database),
    hasher,
    now: Date.now,
  });
  const stored = await createOverrideStore({
    repository: createOverrideRepository(database),
    now: Date.now,
    onFailure: (error) => {
      throw error;
    },
  }).lists();
  const overrides = {
    allow: mergeDomainLists(stored.allow, given.allow),
    deny: mergeDomainLists(stored.deny, given.deny),
  };
  return {
    validator: createValidator({
      ...options,
      ...(list?.asksSuppressions !== false && { suppressions }),
      overrides: () => overrides,
    }),
    engagement:
      settings.engagementRetentionMs === 0
        ? undefined
        : createEngagementLookup({
            repository: createEngagementRepository(database),
            hasher,
            onFailure: (error) => {
              throw error;
            },
          }),
    settings,
    close: () => sqlite.close(),
  };
}
