// CRM_HUBSPOT_PROOF: the verdict of a new contact is written at once, and the new one when its mail host has answered.

import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../src/platform/settings.ts';
import { startNodeService } from '../http/node-service.ts';
import { proberSettings, proberZone, standInSmtp } from '../http/smtp-stand-in.ts';
import { sampleNamed } from './samples.ts';
import { fetchOf, vendorsStandIn } from './vendors-stand-in.ts';

const hubspot = sampleNamed('hubspot');
const patience = { timeout: 20_000 };
const zone = {
  ...proberZone,
  'brisk-otter.com': { MX: [[10, 'mx.brisk-otter.com'] as [number, string]] },
  'mx.brisk-otter.com': { A: ['198.51.100.7'] },
};

async function start(settings: Readonly<Record<string, string>> = { CRM_HUBSPOT_PROOF: 'true' }) {
  const vendors = vendorsStandIn();
  const service = await startNodeService({
    ...{ zone, smtp: standInSmtp() },
    settings: { ...proberSettings, ...hubspot.settings, ...settings },
    fetch: fetchOf((path, init) =>
      vendors.handle(new Request(`http://127.0.0.1${path}`, { ...init, signal: null })),
    ),
  });
  onTestFinished(() => service.stop());
  const receive = async (...ids: string[]) => {
    const contacts = ids.map((id) => ({ id, email: vendors.contacts.get(id)!['email']! }));
    const { path, headers, body } = await hubspot.make(contacts, Date.now());
    return (await fetch(service.url + path, { method: 'POST', headers, body })).status;
  };
  const pending = () => service.database.all('SELECT id FROM pending_proofs', []);
  return { ...vendors, vendors, receive, pending };
}

test('the contact gets the verdict at once, and the new one later', async () => {
  const { contacts, receive, pending } = await start();
  contacts.set('7', { email: 'dead@brisk-otter.com' });
  expect(await receive('7')).toBe(200);
  expect(contacts.get('7')).toMatchObject({ presend_result: 'deliverable' });
  await expect.poll(() => contacts.get('7')!['presend_reason'], patience).toBe('mailbox_unknown');
  expect(contacts.get('7')).toMatchObject({
    ...{ email: 'dead@brisk-otter.com', presend_result: 'undeliverable', presend_bounce_status: '5.1.1' },
  });
  await expect.poll(pending, patience).toEqual([]);
});

test('an event that comes again is not followed twice', async () => {
  const { contacts, calls, receive, pending } = await start();
  contacts.set('7', { email: 'dead@brisk-otter.com' });
  await Promise.all([receive('7'), receive('7')]);
  await expect.poll(() => contacts.get('7')!['presend_reason'], patience).toBe('mailbox_unknown');
  await expect.poll(pending, patience).toEqual([]);
  const updates = calls.filter((call) => call === 'update').length;
  expect(updates).toBeLessThanOrEqual(3);
});

test('a contact that has another address by now, or is gone, is left alone', async () => {
  const { contacts, vendors, receive, pending } = await start();
  contacts.set('7', { email: 'dead@brisk-otter.com' });
  contacts.set('8', { email: 'gone@brisk-otter.com' });
  let reads = 0;
  vendors.fault = (call) => {
    // The first call reads the contacts for the verdicts of now.
    if (call === 'read' && ++reads === 2) {
      contacts.get('7')!['email'] = 'jane@brisk-otter.com';
      contacts.delete('8');
    }
    return null;
  };
  await receive('7', '8');
  await expect.poll(pending, patience).toEqual([]);
  expect(contacts.get('7')).toMatchObject({ presend_result: 'deliverable' });
  expect(vendors.contacts.has('8')).toBe(false);
});

test('if the API fails, the verdict is written later', async () => {
  const { contacts, vendors, receive, pending } = await start();
  contacts.set('7', { email: 'dead@brisk-otter.com' });
  await receive('7');
  let faults = 0;
  vendors.fault = () => (faults++ === 0 ? new Response(null, { status: 500 }) : null);
  await expect.poll(() => contacts.get('7')!['presend_reason'], patience).toBe('mailbox_unknown');
  expect(faults).toBeGreaterThan(1);
  await expect.poll(pending, patience).toEqual([]);
});

test('without the setting, nobody is asked', async () => {
  const { contacts, receive, pending } = await start({});
  contacts.set('7', { email: 'dead@brisk-otter.com' });
  expect(await receive('7')).toBe(200);
  expect(await pending()).toEqual([]);
});

test('the setting needs write-back and a prober', () => {
  const mistakes = (settings: Readonly<Record<string, string>>) => {
    const outcome = readSettings({ ...hubspot.settings, CRM_HUBSPOT_PROOF: 'true', ...settings });
    return outcome.ok ? [] : outcome.mistakes;
  };
  expect(mistakes(proberSettings)).toEqual([]);
  expect(mistakes({ PROBE_URL: 'https://prober.example.com', PROBE_KEY: 'key' })).toEqual([]);
  expect(mistakes({})).toEqual([expect.stringMatching(/^CRM_HUBSPOT_PROOF=true needs MAILBOX_PROOF=smtp/)]);
  expect(mistakes({ ...proberSettings, CRM_HUBSPOT_WRITE_BACK: 'false' })).toEqual([
    'CRM_HUBSPOT_PROOF needs CRM_HUBSPOT_WRITE_BACK=true. Set both.',
  ]);
  expect(mistakes({ ...proberSettings, CRM_HUBSPOT_PROOF: 'yes' })).toEqual([
    'CRM_HUBSPOT_PROOF must be true or false.',
  ]);
});
