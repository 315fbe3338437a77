// The alerts of the present state.

import { expect, test } from 'vitest';
import { type AlertSourcePorts, alertSources } from '../../src/platform/alert-sources.ts';
import type { StoredGateChange } from '../../src/reports/gate/gate-repository.ts';

const hour = 3_600_000;
const day = 24 * hour;
const noon = Date.UTC(2026, 10, 20, 12);

const read = (name: string, ports: Partial<AlertSourcePorts>) => {
  const never = async (): Promise<never> => {
    throw new Error('not asked');
  };
  return alertSources({
    incidents: { list: never },
    gate: { changesSince: never },
    learning: { calibration: never },
    hooks: { hours: never },
    isHookSet: () => true,
    upSince: noon - 30 * day,
    now: () => noon,
    ...ports,
  })
    .find((source) => source.name === name)!
    .read();
};

test('a drift ends, so that it can be told again', async () => {
  const drift = {
    ...{ of: 'source', name: 'import', direction: 'worse', message: 'Source import: 9% bounced.' },
    ...{ outcomes: 100, observed: 0.09, predicted: 0.01 },
  } as const;
  const calibration = async () => ({ drifts: [drift] }) as never;
  expect(await read('drifts', { learning: { calibration } })).toMatchObject([
    { kind: 'drift_found', severity: 'warning', endsAfterMs: 3 * day },
  ]);
});

test('a change of the gate says what to do, and a stop does not wait for the morning', async () => {
  const reason = (decision: 'go' | 'slow' | 'stop', message: string) =>
    ({ code: 'hard_bounces', decision, message, incident: null }) as const;
  const change = {
    ...({ campaign: 'for jane@example.org', purpose: 'marketing', at: noon - hour, reasons: [] } as const),
  };
  const changes: StoredGateChange[] = [
    {
      ...{ ...change, id: 1, before: 'go', decision: 'stop' },
      reasons: [
        reason('stop', '9% bounced hard.'),
        reason('stop', 'Gmail refuses your mail.'),
        reason('slow', 'Slow.'),
      ],
    },
    { ...change, id: 2, before: 'stop', decision: 'slow', reasons: [reason('slow', 'Yahoo delays mail.')] },
    { ...change, id: 3, before: 'slow', decision: 'go', reasons: [reason('go', 'No events.')] },
    { ...change, id: 4, before: 'go', decision: 'slow' },
    { ...change, id: 5, before: 'stop', decision: 'go' },
  ];
  const alerts = await read('gate_changes', { gate: { changesSince: async () => changes } });
  const name = 'the campaign "for jane@example.org"';
  expect(alerts.map(({ key, severity, title }) => [key, severity, title])).toEqual([
    ['gate:1', 'critical', `Stop ${name}: 9% bounced hard.`],
    ['gate:2', 'warning', `Send ${name} again, but slowly: Yahoo delays mail.`],
    ['gate:3', 'info', `Send ${name} at full speed again.`],
    ['gate:4', 'warning', `Send ${name} more slowly.`],
    ['gate:5', 'info', `Send ${name} again.`],
  ]);
  expect(alerts[0]!.advice).toMatch(/^Gmail refuses your mail\. POST \/v1\/gate /);
  expect(JSON.stringify(alerts.map(({ key, thread }) => [key, thread]))).not.toContain('jane');
});

test('a webhook is not silent because the service was stopped', async () => {
  const hours = async () =>
    Array.from({ length: 20 * 24 }, (_, index) => ({
      ...{ hook: 'sendgrid', hour: noon - 22 * day + index * hour, events: 5, refused: 0 },
    })) as never;
  const kinds = async (upSince: number) =>
    (await read('silent_hooks', { hooks: { hours }, upSince })).map(({ kind }) => kind);
  expect(await kinds(noon - 2 * hour)).toEqual([]);
  expect(await kinds(noon - 3 * day)).toEqual(['hook_silent']);
});
