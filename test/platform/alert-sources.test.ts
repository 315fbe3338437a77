// The alerts of the present state.

import { expect, test } from 'vitest';
import { type AlertSourcePorts, alertSources } from '../../src/platform/alert-sources.ts';

const day = 86_400_000;
const noon = Date.UTC(2026, 10, 20, 12);

const read = (name: string, ports: Partial<AlertSourcePorts>) => {
  const never = async (): Promise<never> => {
    throw new Error('not asked');
  };
  return alertSources({
    incidents: { list: never },
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

test('a webhook is not silent because the service was stopped', async () => {
  const hour = 3_600_000;
  const hours = async () =>
    Array.from({ length: 20 * 24 }, (_, index) => ({
      ...{ hook: 'sendgrid', hour: noon - 22 * day + index * hour, events: 5, refused: 0 },
    })) as never;
  const kinds = async (upSince: number) =>
    (await read('silent_hooks', { hooks: { hours }, upSince })).map(({ kind }) => kind);
  expect(await kinds(noon - 2 * hour)).toEqual([]);
  expect(await kinds(noon - 3 * day)).toEqual(['hook_silent']);
});
