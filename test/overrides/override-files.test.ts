// The operator's lists in files: read at the start, and again when a file changed.

import { expect, test } from 'vitest';
import { mergedOverrides, noOverrides, overrideFor } from '../../src/overrides/domain-lists.ts';
import { createOverrideFiles, type DomainListFile } from '../../src/overrides/override-files.ts';

/** A file in memory. It counts how often its text is read. */
const fileOf = (name: string, text: string) => {
  const file = {
    name,
    content: text,
    reads: 0,
    version: async () => {
      if (file.content === 'gone') throw new Error('no such file');
      return file.content;
    },
    text: async () => {
      file.reads += 1;
      return file.content;
    },
  };
  return file satisfies DomainListFile & Record<string, unknown>;
};

const open = (allow: DomainListFile | null, deny: DomainListFile | null) => {
  const clock = { now: 0 };
  const failures: unknown[] = [];
  const files = createOverrideFiles({
    allow,
    deny,
    now: () => clock.now,
    maxAgeMs: 10,
    onFailure: (error) => failures.push(error),
  });
  return { clock, failures, files };
};

/** Lets pending promises settle. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('both files are read', async () => {
  const { files } = open(fileOf('a', 'good.example'), fileOf('d', '# ours\n*.bad.example\n'));
  await files.refresh();
  expect(overrideFor('good.example', files.lists())).toBe('allow');
  expect(overrideFor('mail.bad.example', files.lists())).toBe('deny');
  expect(overrideFor('other.example', files.lists())).toBeNull();
});

test('without files there are no lists', async () => {
  const { files } = open(null, null);
  await files.refresh();
  expect(files.lists()).toEqual(noOverrides);
});

test('a file is read again only when it changed, and looked at only after a while', async () => {
  const deny = fileOf('d', 'bad.example');
  const { files, clock } = open(null, deny);
  await files.refresh();
  clock.now = 10;
  files.lists();
  await settled();
  expect(deny.reads).toBe(1);

  deny.content = 'worse.example';
  clock.now = 19;
  files.lists();
  await settled();
  expect(overrideFor('worse.example', files.lists())).toBeNull();
  clock.now = 20;
  files.lists();
  await settled();
  expect(overrideFor('worse.example', files.lists())).toBe('deny');
  expect(overrideFor('bad.example', files.lists())).toBeNull();
  expect(deny.reads).toBe(2);
});

test.each([
  ['a line that is no domain', 'bad.example\nnot a domain', /^RangeError: d:2: invalid domain$/],
  ['a file that is gone', 'gone', /no such file/],
])('with %s, the previous lists stay in use', async (_, content, message) => {
  const deny = fileOf('d', 'bad.example');
  const { files, clock, failures } = open(null, deny);
  await files.refresh();
  deny.content = content;
  clock.now = 10;
  files.lists();
  await settled();
  expect(failures.map(String)).toEqual([expect.stringMatching(message)]);
  expect(overrideFor('bad.example', files.lists())).toBe('deny');
  await expect(files.refresh()).rejects.toThrow();
});

test('lists of two origins are merged once until one of them changes', async () => {
  const deny = fileOf('d', 'bad.example');
  const { files } = open(null, deny);
  await files.refresh();
  let stored = noOverrides;
  const merged = mergedOverrides(() => stored, files.lists);
  const first = merged();
  expect(merged()).toBe(first);
  expect(overrideFor('bad.example', await first)).toBe('deny');
  stored = {
    allow: { exact: new Set(['bad.example.org']), includingSubdomains: new Set() },
    deny: noOverrides.deny,
  };
  const second = await merged();
  expect(second).not.toBe(first);
  expect(overrideFor('bad.example.org', second)).toBe('allow');
  expect(overrideFor('bad.example', second)).toBe('deny');
  const later = mergedOverrides(async () => stored, files.lists);
  expect(overrideFor('bad.example', await later())).toBe('deny');
});
