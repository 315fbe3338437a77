// The beginning of a file → its delimiter and line ending.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialectSample, guessDialect } from '../../src/csv/guess-dialect.ts';

const delimiter = (text: string, whole = true) => guessDialect(text, whole).delimiter;

describe('the delimiter', () => {
  test.each([
    ['comma', ',', 'name,email\nJane,j@x.org\n'],
    ['semicolon', ';', 'name;email\nJane;j@x.org\n'],
    ['tab', '\t', 'name\temail\nJane\tj@x.org\n'],
    ['bar', '|', 'name|email\nJane|j@x.org\n'],
    [
      'semicolons inside a quoted reply',
      ',',
      '"550 5.1.1; user unknown; gone",j@x.org\n"550; no; such",b@x.org\n',
    ],
    ['a quoted reply in a later column', ',', 'j@x.org,"550 5.1.1; a; b; c"\nb@x.org,"550; d; e; f"\n'],
    ['commas in the names of a semicolon file', ';', 'name;email\nDoe, Jane;j@x.org\nRoe, Bob;b@x.org\n'],
    ['decimal commas, with a header', ';', 'email;total\nj@x.org;1,5\nb@x.org;2,5\n'],
    ['decimal commas, without', ';', 'j@x.org;1,5\nb@x.org;2,5\n'],
    ['two addresses in a cell', ',', 'id,email\n1,j@x.org;j@y.org\n2,b@x.org;b@y.org\n'],
    ['two addresses in a cell, without a header', ',', '1,j@x.org;j@y.org\n2,b@x.org;b@y.org\n'],
    ['two addresses in the only column', ',', 'email\nj@x.org;j@y.org\nb@x.org;b@y.org\n'],
    ['a title above', ';', 'Contacts\nname;email\nDoe, Jane;j@x.org\nRoe, Bob;b@x.org\n'],
    ['a row that lacks fields', ';', 'a;b;c\nj@x.org;1;2\nb@x.org;1\nd@x.org;1;2\n'],
    ['one column', ',', 'email\nj@x.org\n'],
    ['no addresses', ',', 'hash,reason\n12ab,bounce\n34cd,bounce\n'],
    ['text after quotes', ';', 'Jane;"Doe" <j@x.org>;a\nBob;"Roe" <b@x.org>;b\n'],
    ['quoted text that begins with a quote', ';', 'id;say\n1;"""Hi"" she said, all"\n2;"""No"", a, b"\n'],
    ['a row that is not closed', ',', 'email,n\nj@x.org,"1\n'],
    ['nothing', ',', ''],
    ['blank lines between', ';', 'a;b\n\n\n\n\nc;d\n'],
    ['cells that would have text after a closing quote', ';', 'Doe,"Jay";12\nRoe,"Bo";34\n'],
    ['blank lines first', ';', '\n\n"a;b";c\nd;e\n'],
  ])('%s', (_, expected, text) => {
    expect(delimiter(text)).toBe(expected);
  });

  test('the only column of a file with commas in it gets a delimiter that no cell holds', () => {
    expect(delimiter('email\nj@x.org, j@y.org\nb@x.org\nc@x.org\n')).toBe(';');
  });

  test('an unfinished last line counts only at the end of the file, or if there is no other', () => {
    expect(delimiter('a\n;b', true)).toBe(';');
    expect(delimiter('a\n;b', false)).toBe(',');
    expect(delimiter('a;b;c', false)).toBe(';');
  });

  test('a record that the sample cuts is not counted', () => {
    const rows = 'j@x.org;1,5\n'.repeat(dialectSample / 12 + 1);
    expect(delimiter(`${rows.slice(0, dialectSample)}`, false)).toBe(';');
    expect(delimiter(`email;${'x,'.repeat(dialectSample)}`, false)).toBe(',');
  });

  test('fully quoted files are never misread', () => {
    const field = fc.oneof(fc.string(), fc.constantFrom(';', 'a;b;c', 'x@y.org', '1,5', '";"', '\n;\n'));
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(table, fc.constantFrom(',', ';', '\t', '|'), (rows, expected) => {
        const text = rows.map((fields) => `${fields.map(quoted).join(expected)}\n`).join('');
        expect(delimiter(text)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the line ending', () => {
  test.each([
    ['LF', 'a\nb', '\n'],
    ['CRLF', 'a\r\nb', '\n'],
    ['CR', 'a\rb', '\r'],
    ['none', 'a', '\n'],
  ])('%s', (_, text, expected) => {
    expect(guessDialect(text, true).newline).toBe(expected);
  });
});
