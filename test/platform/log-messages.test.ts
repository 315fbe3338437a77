import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inLogContext } from '../../src/platform/log-context.ts';
import { eventLine, withMessage } from '../../src/platform/log-messages.ts';

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

test('a line begins with its time and its level, and names its request', () => {
  const at = Date.UTC(2026, 10, 27, 12);
  const line = inLogContext({ request_id: 'r1' }, () =>
    eventLine({ level: 'info', event: 'data_pack_used', version: '2026-11-27', before: '2026-11-20' }, at),
  );
  expect(Object.entries(JSON.parse(line))).toEqual([
    ['time', '2026-11-27T12:00:00.000Z'],
    ['level', 'info'],
    ['event', 'data_pack_used'],
    ['request_id', 'r1'],
    ['version', '2026-11-27'],
    ['before', '2026-11-20'],
    ['message', expect.stringMatching(/^presend now uses the lists of the data pack/)],
  ]);
});

test('the service writes its log with eventLine and the access log alone', () => {
  const root = new URL('../../src/', import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/^(cli|widget)\//.test(file),
  );
  const writers = files.flatMap((file) =>
    readFileSync(`${root}${file}`, 'utf8')
      .split('\n')
      // A line that begins as a template is the code of a snippet of /docs.
      .filter(
        (line) =>
          !line.trim().startsWith('`') &&
          /\bconsole\.(?:log|info|warn|error|debug)\b|std(?:out|err)\.write|JSON\.stringify\(\{ level/.test(
            line,
          ),
      )
      .map((line) => `${file}: ${line.trim().split('`')[0]}`),
  );
  expect(writers.sort()).toEqual([
    // The greeting, and why the service cannot start.
    'platform/node.ts: const log = lineLog((text) => process.stdout.write(text));',
    'platform/node.ts: process.stderr.write(',
    'platform/node.ts: process.stdout.write(greeting(settings, server.port, needed));',
    "platform/worker.ts: console.error(eventLine({ level: 'error', event: 'not_configured', mistake }, Date.now()));",
    'platform/worker.ts: const log = (line: string): void => console.log(line);',
  ]);
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
  const explainThemselves = ['policy_burst'];
  const silent = events.filter((event) => !('message' in withMessage({ event })));
  expect(silent.filter((event) => !explainThemselves.includes(event))).toEqual([]);
});
