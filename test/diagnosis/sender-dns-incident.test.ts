// The incident about the sender's own DNS follows the stored state, whatever happened in between.

import { beforeEach, expect, test } from 'vitest';
import {
  closeUnwatchedIncidents,
  keepSenderDnsIncidents,
  type SenderDnsIncidentPorts,
} from '../../src/diagnosis/sender-dns-incident.ts';
import type { StoredWatch } from '../../src/preflight/watch/watch-repository.ts';
import type { StoredIncident } from '../../src/reports/incidents/incident.ts';
import { day, noon, senderWith } from './facts.ts';

let stored: StoredIncident | null = null;
let told: string[] = [];
let isBeaten = false;

beforeEach(() => {
  [stored, told, isBeaten] = [null, [], false];
});

/** Another process is faster once. */
function wasBeaten(): boolean {
  const was = isBeaten;
  isBeaten = false;
  return was;
}

const ports: SenderDnsIncidentPorts = {
  repository: {
    list: async () => (stored === null || stored.closedAt !== null ? [] : [stored]),
    open: async (incident) => {
      if (wasBeaten()) return false;
      stored = incident;
      return true;
    },
    replace: async (_, incident) => {
      if (wasBeaten()) return false;
      stored = incident;
      return true;
    },
  },
  changes: async () => [],
  newId: () => 'inc_1',
  tell: (what) => void told.push(what),
};

const watched = (findings: Parameters<typeof senderWith>[0], checkedAt = noon): StoredWatch => ({
  ...{ ...senderWith(findings), checkedAt, failedAt: null, dueAt: checkedAt + day },
});
const keep = (watch: StoredWatch) => keepSenderDnsIncidents(async () => [watch], ports);
const broken = watched({ spf_too_many_lookups: [noon - day, noon - 2 * day] });

test('a fault whose change nobody handled is told at the next check, and once', async () => {
  await keep(broken);
  await keep(broken);
  expect(told).toEqual(['opened']);
  expect(stored).toMatchObject({
    ...{ scope: { domain: 'example.com' }, openedAt: noon - day, closedAt: null },
    change: { since: noon - 2 * day, at: noon - day, appeared: [{ code: 'spf_too_many_lookups' }] },
  });
});

test('what the first check saw opens none', async () => {
  await keep(watched({ spf_too_many_lookups: [noon - day, null] }));
  expect(stored).toBe(null);
});

test('a fault that is no longer in the state closes it, though no change was seen', async () => {
  await keep(broken);
  await keep(watched({}, noon + day));
  expect(told).toEqual(['opened', 'closed']);
  expect(stored).toMatchObject({ closedAt: noon + day });
});

test('another process was faster: it is tried again', async () => {
  isBeaten = true;
  await keep(broken);
  expect(told).toEqual(['opened']);
});

test('a domain that is no longer checked has no open incident', async () => {
  await keep(broken);
  await closeUnwatchedIncidents(['example.com'], noon, ports);
  expect(told).toEqual(['opened']);
  await closeUnwatchedIncidents(['example.net'], noon, ports);
  expect(told).toEqual(['opened', 'closed']);
});
