// docs/forms.md says what is so: its tables and lists are compared with the code.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { policyRows } from '../../src/verdict/policy.ts';
import { formDecision } from '../../src/widget/policy.ts';
import { texts } from '../../src/widget/texts.ts';
import type { PresendVerdict } from '../../src/widget/types.ts';

const page = readFileSync(new URL('../../docs/forms.md', import.meta.url), 'utf8');

const tableRows = (columns: number): string[][] =>
  [...page.matchAll(/^\| (.*) \|$/gm)]
    .map(([, row]) => row!.split('|').map((cell) => cell.trim()))
    .filter((row) => row.length === columns);

test('the decisions are those of the table', () => {
  const [, , ...rows] = tableRows(2);
  const named = (decision: string): string[] =>
    rows
      .filter(([cell]) => cell === `\`${decision}\``)
      .flatMap(([, reasons]) => [...reasons!.matchAll(/`(\w+)`/g)].map(([, reason]) => reason!));
  const decided = (decision: string): string[] =>
    [{ reason: 'syntax_error', result: 'undeliverable' } as const, ...policyRows]
      .filter(({ reason, result }) => formDecision({ reason, result } as PresendVerdict, {}) === decision)
      .map(({ reason }) => reason);
  for (const decision of ['block', 'warn'])
    expect(new Set(named(decision))).toEqual(new Set(decided(decision)));
});

test('the texts are those named', () => {
  const named = /The texts are (.*?)\. /s.exec(page)![1]!;
  expect([...named.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(Object.keys(texts.en));
});

test('the languages are those named', () => {
  const names = new Intl.DisplayNames('en', { type: 'language' });
  const spoken = Object.keys(texts).map((language) => names.of(language)!);
  const [, sentence] = /The widget speaks (.*?), by the nearest/s.exec(page)!;
  expect(sentence!.split(/, | and |\n/).toSorted()).toEqual(spoken.toSorted());
});
