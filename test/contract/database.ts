// What every implementation of the Database port must do.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/storage/database.ts';

/** `open` gives a database without tables of its own named `people`; it may be the same one each time. */
export function databaseBattery(name: string, open: () => Promise<Database>): void {
  describe(`Database on ${name}`, () => {
    let database: Database;
    beforeEach(async () => {
      database = await open();
      await database.batch([
        { sql: 'DROP TABLE IF EXISTS people' },
        { sql: 'CREATE TABLE people (id TEXT PRIMARY KEY, age INTEGER, note TEXT) STRICT' },
      ]);
    });

    const insert = 'INSERT INTO people (id, age, note) VALUES (?, ?, ?)';
    const ids = async () =>
      (await database.all<{ id: string }>('SELECT id FROM people ORDER BY id')).map(({ id }) => id);

    test.each([
      ['plain text', 'plain'],
      ['the empty text', ''],
      ['NUL inside', 'a\u0000b'],
      ['an emoji beyond the basic plane', '👩‍🚀 ünï'],
      ['quotes and a semicolon', `'"; DROP TABLE people; --`],
      ['half a megabyte', 'é'.repeat(250_000)],
    ])('text comes back as it went in: %s', async (_, text) => {
      await database.run(insert, [text, null, text]);
      expect(await database.first('SELECT id, note FROM people WHERE id = ?', [text])).toEqual({
        id: text,
        note: text,
      });
    });

    test.each([0, -1, 2 ** 31, 1_763_683_200_000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
      'an integer comes back exact: %i',
      async (age) => {
        await database.run(insert, ['a', age, null]);
        expect(await database.first('SELECT age, typeof(age) AS type FROM people')).toEqual({
          age,
          type: 'integer',
        });
      },
    );

    test('null comes back as null', async () => {
      await database.run(insert, ['a', null, null]);
      expect(await database.first('SELECT age, note FROM people')).toEqual({ age: null, note: null });
    });

    test('first returns the first row, or null', async () => {
      await database.batch(['b', 'a'].map((id) => ({ sql: insert, params: [id, 1, null] })));
      expect(await database.first('SELECT id FROM people ORDER BY id')).toEqual({ id: 'a' });
      expect(await database.first('SELECT id FROM people WHERE id = ?', ['c'])).toBeNull();
    });

    test('all returns every row in order', async () => {
      await database.batch(['b', 'c', 'a'].map((id) => ({ sql: insert, params: [id, 1, null] })));
      expect(await ids()).toEqual(['a', 'b', 'c']);
      expect(await database.all('SELECT id FROM people WHERE age > ?', [1])).toEqual([]);
    });

    test('run counts the rows that were written', async () => {
      expect(await database.run(insert, ['a', 1, null])).toEqual({ changes: 1 });
      expect(await database.run(insert, ['b', 1, null])).toEqual({ changes: 1 });
      expect(await database.run('UPDATE people SET age = 2')).toEqual({ changes: 2 });
      expect(await database.run('DELETE FROM people WHERE id = ?', ['z'])).toEqual({ changes: 0 });
      expect(await database.run('INSERT OR IGNORE INTO people (id) VALUES (?)', ['a'])).toEqual({
        changes: 0,
      });
    });

    test('a batch runs in order and counts for each statement', async () => {
      expect(
        await database.batch([
          { sql: insert, params: ['a', 1, null] },
          { sql: insert, params: ['b', 1, null] },
          { sql: 'UPDATE people SET age = age + 1' },
          { sql: 'DELETE FROM people WHERE id = ?', params: ['a'] },
        ]),
      ).toEqual([{ changes: 1 }, { changes: 1 }, { changes: 2 }, { changes: 1 }]);
      expect(await database.all('SELECT id, age FROM people')).toEqual([{ id: 'b', age: 2 }]);
    });

    test('an empty batch is not an error', async () => {
      expect(await database.batch([])).toEqual([]);
    });

    test('a batch with a failing statement changes nothing', async () => {
      await database.run(insert, ['a', 1, null]);
      await expect(
        database.batch([
          { sql: insert, params: ['b', 1, null] },
          { sql: 'DELETE FROM people WHERE id = ?', params: ['a'] },
          { sql: insert, params: ['b', 1, null] },
        ]),
      ).rejects.toThrow();
      expect(await ids()).toEqual(['a']);
      await database.batch([{ sql: insert, params: ['c', 1, null] }]);
      expect(await ids()).toEqual(['a', 'c']);
    });

    test('batches begun together do not mix', async () => {
      const outcomes = await Promise.allSettled(
        ['a', 'b', 'c'].map((id) =>
          database.batch([
            { sql: insert, params: [id, 1, null] },
            { sql: insert, params: [id === 'b' ? 'b' : `${id}2`, 1, null] },
          ]),
        ),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await ids()).toEqual(['a', 'a2', 'c', 'c2']);
    });

    test('a unique violation, a type violation and wrong SQL reject', async () => {
      await database.run(insert, ['a', 1, null]);
      await expect(database.run(insert, ['a', 2, null])).rejects.toThrow(/UNIQUE/);
      await expect(database.run(insert, ['b', 'old', null])).rejects.toThrow();
      await expect(database.all('SELEKT')).rejects.toThrow();
      await expect(database.first('SELECT x FROM nowhere')).rejects.toThrow();
    });

    test('many values fit into one JSON parameter', async () => {
      const many = Array.from({ length: 5_000 }, (_, i) => `k${String(i).padStart(5, '0')}`);
      const { changes } = await database.run(
        'INSERT INTO people (id, age) SELECT value ->> 0, value ->> 1 FROM json_each(?)',
        [JSON.stringify(many.map((id, i) => [id, i]))],
      );
      expect(changes).toBe(5_000);
      const found = await database.all<{ id: string; age: number }>(
        'SELECT id, age FROM people WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
        [JSON.stringify(['k00000', 'k04999', 'nobody', 'ключ\u0000'])],
      );
      expect(found).toEqual([
        { id: 'k00000', age: 0 },
        { id: 'k04999', age: 4_999 },
      ]);
    });

    test('a statement that ran before sees a table that was altered since', async () => {
      await database.run(insert, ['a', 1, null]);
      const everything = 'SELECT * FROM people';
      expect(await database.all(everything)).toEqual([{ id: 'a', age: 1, note: null }]);
      await database.run("ALTER TABLE people ADD COLUMN home TEXT DEFAULT 'here'");
      expect(await database.all(everything)).toEqual([{ id: 'a', age: 1, note: null, home: 'here' }]);
    });
  });
}
