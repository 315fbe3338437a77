// The records to publish that an alert advises: whole or not at all.

import { describe, expect, test } from 'vitest';
import { type Alert, anonymous } from '../../src/alerts/alert.ts';
import { alertBodies, alertMailText } from '../../src/alerts/alert-formats.ts';
import { keepSenderDnsIncidents } from '../../src/diagnosis/sender-dns-incident.ts';
import type { PublishedRecord } from '../../src/preflight/finding.ts';
import type { StoredIncident } from '../../src/reports/incidents/incident.ts';
import { findingOf } from '../preflight/watch/answers.ts';

const noon = Date.UTC(2026, 10, 20, 12);

/** The alert about the incident that a change with these missing records opens. */
async function alertAbout(...records: readonly PublishedRecord[]): Promise<Alert> {
  const findings = records.map((publish) => ({
    ...findingOf('dmarc_none', publish.name),
    ...{ publish, firstSeenAt: noon, unseenAt: noon - 1 },
  }));
  const state = { asked: '', known: [], facts: {}, findings };
  const watch = { domain: 'example.com', state, checkedAt: noon, failedAt: null, dueAt: noon };
  let opened: StoredIncident | null = null;
  await keepSenderDnsIncidents(async () => [watch], {
    repository: {
      list: async () => [],
      open: async (incident) => {
        opened = incident;
        return true;
      },
      replace: async () => false,
    },
    changes: async () => [],
    newId: () => 'inc_1',
    tell: () => {},
  });
  const { explanation, advice } = opened!;
  return {
    ...{ key: 'k', thread: 't', kind: 'incident_opened', severity: 'critical', at: noon, details: {} },
    ...{ title: explanation, advice },
  };
}

const txt = (value: string, name = '_dmarc.example.com'): PublishedRecord => ({ name, type: 'TXT', value });
const harmless = txt('v=DMARC1; p=none');
const withAddress = txt('v=DMARC1; p=none; rua=mailto:dmarc@example.com');
const long = txt(`v=spf1 ${'ip4:192.0.2.1 '.repeat(50)}~all`, 'example.com');

/** Every text that a receiver is sent about an alert. */
const sentTexts = (alert: Alert): string[] => {
  const message = { id: 'alert_1', createdAt: noon, alerts: [anonymous(alert)] };
  return [...Object.values(alertBodies).map((body) => JSON.stringify(body(message))), alertMailText(message)];
};

const pointer = 'The record to publish is at GET /v1/preflights and on the page /preflight.';

describe('a record to publish', () => {
  test('is in the alert as it is if it is short and has no address', async () => {
    for (const text of sentTexts(await alertAbout(harmless)))
      expect(text).toContain(`Publish at ${harmless.name}: TXT ${harmless.value}`);
  });

  test.each([
    ['has an address', [withAddress]],
    ['follows one that has none', [harmless, withAddress]],
    ['is followed by another', [withAddress, harmless]],
  ])('is not in the alert if it %s: the alert says where it is', async (_, records) => {
    for (const text of sentTexts(await alertAbout(...records))) {
      expect(text).not.toMatch(/Publish at|dmarc@example|p=none/);
      expect(text).toContain(pointer);
    }
  });

  test('is never cut: chat tools are sent where it is, e-mail and programs the whole record', async () => {
    const alert = await alertAbout(long);
    const [signed, slack, teams, mail] = sentTexts(alert);
    for (const text of [signed, mail]) expect(text).toContain(long.value);
    for (const text of [slack, teams]) {
      expect(text).not.toMatch(/v=spf1|Publish at/);
      expect(text).toContain(pointer);
    }
  });

  test('of a long advice is found by its end', async () => {
    const alert = {
      ...(await alertAbout(long)),
      advice: `${'Mend it. '.repeat(100)}Publish at a.example: MX x`,
    };
    const [, slack] = sentTexts(alert);
    expect(slack).toContain(`… ${pointer}`);
  });
});
