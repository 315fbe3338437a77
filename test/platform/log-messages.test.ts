import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withMessage } from '../../src/platform/log-messages.ts';

test('an event gets a sentence after its own fields', () => {
  expect(Object.entries(withMessage({ level: 'warning', event: 'resolvers_out', rest_ms: 5000 }))).toEqual([
    ['level', 'warning'],
    ['event', 'resolvers_out'],
    ['rest_ms', 5000],
    ['message', expect.stringMatching(/^No DNS resolver answers\./)],
  ]);
});

test('a line without a known event stays as it is', () => {
  const line = { level: 'info', path: '/v1/validate' };
  expect(withMessage(line)).toBe(line);
  const burst = { level: 'warning', event: 'policy_burst', advice: 'Send more slowly.' };
  expect(withMessage(burst)).toBe(burst);
});

test('every event that the service logs has a sentence, or its fields say what to do', () => {
  const root = new URL('../../src/', import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const events = files.flatMap((file) =>
    [
      ...readFileSync(`${root}${file}`, 'utf8').matchAll(/level: '(?:info|warning|error)', event: '(\w+)'/g),
    ].map(([, event]) => event!),
  );
  expect(events.length).toBeGreaterThan(15);
  const explainThemselves = ['policy_burst', 'not_configured'];
  const silent = events.filter((event) => !('message' in withMessage({ event })));
  expect(silent.filter((event) => !explainThemselves.includes(event))).toEqual([]);
});
