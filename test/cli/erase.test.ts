// `presend erase` beside the service.

import { expect, test } from 'vitest';
import { emptyFolder, presend } from './program.ts';

test('keeps or lifts the suppression entry as requested and never prints the address', async () => {
  const cwd = emptyFolder();
  await presend(['suppressions', 'import', '-'], { cwd, input: 'jane@example.com,BOUNCE\n' });
  const erase = async (...options: string[]) =>
    (await presend(['erase', ...options, 'jane@example.com'], { cwd })).stdout;
  expect(await erase()).toBe('erased: events 0, predictions 0; suppression entry: kept\n');
  expect(await erase('--lift-suppression')).toBe(
    'erased: events 0, predictions 0; suppression entry: removed\n',
  );
  expect(await erase()).toBe('erased: events 0, predictions 0; suppression entry: none\n');
});

test.each([
  ['no address', ['erase']],
  ['two', ['erase', 'jane@example.com', 'john@example.com']],
  ['what is no address', ['erase', 'jane']],
])('%s is not understood', async (_, args) => {
  expect((await presend(args)).status).toBe(2);
});
