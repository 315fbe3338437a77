// Why each vendor's adapter refuses a request, as the operator reads it in the log and in the state of the hooks.

import { expect, test } from 'vitest';
import type { CrmSettings } from '../../src/crm/crm-adapter.ts';
import { crmAdapters } from '../../src/crm/crm-registry.ts';
import { readCrmSettings } from '../../src/crm/crm-settings.ts';
import { bytesOf } from '../../src/webhooks/crypto.ts';
import { type Hook, type Sample, sampleSettings, samples } from './samples.ts';

const now = Date.UTC(2026, 10, 20, 12);

function settingsOf(vendor: string): CrmSettings {
  const outcome = readCrmSettings((name) => sampleSettings[name] ?? null);
  if (!outcome.ok) throw new Error(outcome.mistakes.join());
  return outcome.settings.get(vendor)!;
}

async function verify(
  { name, make }: Sample,
  { change = (hook: Hook) => hook, lateMs = 0 }: { change?: (hook: Hook) => Hook; lateMs?: number },
): Promise<string> {
  const { path, headers, body } = change(await make([{ id: '51', email: 'jane@example.net' }], now));
  const request = {
    url: `https://hooks.example.net${path}`,
    headers: new Headers(headers),
    body: bytesOf(body),
    now: now + lateMs,
  };
  const adapter = crmAdapters.find((one) => one.name === name)!;
  const verification = await adapter.verify(request, settingsOf(name));
  return verification.kind === 'refused' ? verification.why : verification.kind;
}

test.each(samples)('$name: a genuine request is verified', async (sample) => {
  expect(await verify(sample, {})).toBe('verified');
});

const absent = samples.flatMap((sample) =>
  ['no signature', 'no time']
    .filter((what) => sample.spoilt[what] !== undefined)
    .map((what) => ({ sample, name: sample.name, what })),
);

test.each(absent)('$name: a request with $what is unsigned', async ({ sample, what }) => {
  expect(await verify(sample, { change: sample.spoilt[what]! })).toBe('signature_missing');
});

const wrong = samples.flatMap((sample) =>
  ['another signature', 'another body', 'another webhook']
    .filter((what) => sample.spoilt[what] !== undefined)
    .map((what) => ({ sample, name: sample.name, what })),
);

test.each(wrong)('$name: a request with $what has a wrong signature', async ({ sample, what }) => {
  expect(await verify(sample, { change: sample.spoilt[what]! })).toBe('signature_wrong');
});

const minute = 60_000;

test.each(samples.filter(({ undated }) => !undated))(
  '$name: a request of more than five minutes ago is outside the window',
  async (sample) => {
    expect(await verify(sample, { lateMs: 5 * minute - 1000 })).toBe('verified');
    expect(await verify(sample, { lateMs: 5 * minute + 1000 })).toBe('timestamp_outside_window');
  },
);

const unkeyed = samples.flatMap((sample) =>
  [
    ['no secret', 'credentials_missing'],
    ['no credentials', 'credentials_missing'],
    ['another secret', 'credentials_wrong'],
    ['an empty secret', 'credentials_wrong'],
    ['another password', 'credentials_wrong'],
    ['another organisation', 'topic_not_allowed'],
  ]
    .filter(([what]) => sample.spoilt[what!] !== undefined)
    .map(([what, why]) => ({ sample, name: sample.name, what: what!, why: why! })),
);

test.each(unkeyed)('$name: a request with $what is refused for $why', async ({ sample, what, why }) => {
  expect(await verify(sample, { change: sample.spoilt[what]! })).toBe(why);
});
