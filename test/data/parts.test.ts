// How the build divides modules into parts. `npm run build` joins those of dist by it (data/packer/bundle.ts).

import { expect, test } from 'vitest';
import { type ModuleGraph, partsOf } from '../../data/packer/parts.ts';

/** A graph from lines such as `service 100: a b > page`: bytes, static imports, and modules that are imported later. */
const graphOf = (...lines: string[]): ModuleGraph =>
  new Map(
    lines.map((line) => {
      const [, name, bytes, imports, later] = /^(\S+) (\d+):([^>]*)>?(.*)$/.exec(line)!;
      const words = (text: string) => text.split(' ').filter((word) => word !== '');
      return [name!, { bytes: Number(bytes), imports: words(imports!), later: words(later!) }];
    }),
  );

/** The parts as texts, such as `service: a service`; those without an entry begin with a dash. */
const divided = (graph: ModuleGraph, ...roots: string[]) =>
  partsOf(graph, roots)
    .map(({ entry, modules }) => `${entry ?? '-'}: ${modules.toSorted().join(' ')}`.trim())
    .toSorted();

test('what one program alone needs is in the file of its entry', () => {
  expect(divided(graphOf('service 1: a b', 'a 1: b', 'b 1:'), 'service')).toEqual(['service: a b service']);
});

test('what several programs need is one part of its own', () => {
  const graph = graphOf('service 1: a own', 'command 1: a b', 'own 1:', 'a 1: b', 'b 1:');
  expect(divided(graph, 'service', 'command')).toEqual([
    '-: a b',
    'command: command',
    'service: own service',
  ]);
});

test('a page that is imported later takes what the program before it has loaded', () => {
  const graph = graphOf('service 1: a > page', 'page 1: a b', 'a 1:', 'b 1:');
  // `a` is imported by another file now, so it is beside the entry, which exports its own names alone.
  expect(divided(graph, 'service')).toEqual(['-: a', 'page: b page', 'service: service']);
});

test('a page that one of two programs has loaded nothing for is loaded with all that it needs', () => {
  const graph = graphOf('service 1: a > page', 'command 1: > page', 'page 1: a', 'a 1:');
  const parts = partsOf(graph, ['service', 'command']);
  expect(parts.find(({ entry }) => entry === 'page')!.modules).toEqual(['page']);
  expect(parts.filter(({ modules }) => modules.includes('a'))).toEqual([{ entry: null, modules: ['a'] }]);
});

test('small parts are merged, and a large one is not loaded by a program that does not need it', () => {
  const small = graphOf('x 1: a b', 'y 1: a', 'z 1: b', 'a 10:', 'b 10:');
  expect(divided(small, 'x', 'y', 'z')).toContain('-: a b');
  const large = graphOf('x 1: a b', 'y 1: a', 'z 1: b', 'a 1000000:', 'b 10:');
  expect(divided(large, 'x', 'y', 'z')).not.toContain('-: a b');
});

test('parts are not merged if they would import each other through a third one', () => {
  // `b` is large and stays alone; `a` imports it, and it imports `c`.
  const graph = graphOf('x 1: a', 'y 1: a', 'z 1: b', 'w 1: c', 'a 1: b', 'b 9000000: c', 'c 1:');
  expect(divided(graph, 'x', 'y', 'z', 'w')).not.toContain('-: a c');
});

test('a program is in no part that others import, because it would run there', () => {
  const graph = graphOf('command 1: a > later', 'later 1: a', 'a 1:');
  for (const { entry, modules } of partsOf(graph, ['command']))
    expect(modules.includes('command')).toBe(entry === 'command');
});

test('a module that is imported both at once and later is exported by the file of its path', () => {
  const graph = graphOf('service 1: page', 'command 1: > page', 'page 1:');
  expect(divided(graph, 'service', 'command')).toEqual([
    '-: page',
    'command: command',
    'page:',
    'service: service',
  ]);
});
