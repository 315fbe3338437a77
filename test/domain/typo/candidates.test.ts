// The search for near names, repeated and after the lists were replaced.

import { expect, test } from 'vitest';
import { nearNames } from '../../../src/domain/typo/candidates.ts';
import { typoDomains, typoModel } from '../../../src/domain/typo/model.ts';

const near = (text: string, length?: number) =>
  nearNames(text, length).map((number) => typoModel().nameAt(number).name);

test('the same search gives the same names, and another one gives others', () => {
  const found = near('gmial.com', 5);
  expect(found).toContain('gmail');
  expect(near('gmial')).toEqual(found);
  expect(near('hotmial')).not.toEqual(found);
  expect(near('gmial')).toEqual(found);
  expect(near('qqqqq')).toEqual([]);
});

test('after the lists were replaced, their names are searched', () => {
  expect(near('gmial')).toContain('gmail');
  const undo = typoDomains.prepare('otter-mail.com 60\n\notter.example\n\nacme.com\n\notter-mail')();
  try {
    expect(near('gmial')).toEqual([]);
    expect(near('oter-mail')).toEqual(['otter-mail']);
  } finally {
    undo();
  }
  expect(near('oter-mail')).not.toContain('otter-mail');
});
