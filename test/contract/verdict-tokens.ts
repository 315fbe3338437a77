// What a verdict token proves, whatever makes its keyed hashes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVerdictTokens, type Mac, tokenLifetimeMs } from '../../src/keys/verdict-token.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';

export function verdictTokensContract(macUnder: (key: Uint8Array<ArrayBuffer>) => Mac | Promise<Mac>): void {
  const checkedAt = Date.UTC(2026, 10, 20, 12);
  const email = 'jane.doe@brisk-otter.com';
  const statement = {
    keyId: 'key_4711',
    result: 'deliverable',
    reason: 'no_known_obstacle',
    action: 'accept',
    checkedAt,
  };
  const tokensAt = async (now: number, key = 'a key for tests that has 32 bytes') =>
    createVerdictTokens(await macUnder(addressHashKey(key)), () => now);
  const issue = async (address = email) => (await tokensAt(checkedAt)).issue(address, statement);

  describe('a verdict token', () => {
    test('contains the stated verdict, to the second', async () => {
      const tokens = await tokensAt(checkedAt + 60_000);
      expect(await tokens.read(await issue(), email)).toEqual({ kind: 'confirmed', ...statement });
    });

    test('holds for half an hour', async () => {
      const token = await issue();
      const kindAt = async (later: number) =>
        (await (await tokensAt(checkedAt + later)).read(token, email)).kind;
      expect(await kindAt(tokenLifetimeMs - 1)).toBe('confirmed');
      expect(await kindAt(tokenLifetimeMs)).toBe('expired');
    });

    test('is valid for one address only', async () => {
      const tokens = await tokensAt(checkedAt);
      expect(await tokens.read(await issue(), 'john.doe@brisk-otter.com')).toEqual({ kind: 'other_address' });
    });

    test('does not contain the address, is short, and fits a form field', async () => {
      const token = await issue();
      expect(token).not.toMatch(/jane|otter|@/);
      expect(token).toMatch(/^[\w.-]+$/);
      expect(token.length).toBeLessThan(150);
    });

    test('is refused if another key signed it or any character changed', async () => {
      const token = await issue();
      const others = await tokensAt(checkedAt, 'another key for tests, long enough');
      expect(await others.read(token, email)).toEqual({ kind: 'forged' });
      const tokens = await tokensAt(checkedAt);
      await fc.assert(
        fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom('0', 'z', '.', ''), async (at, other) => {
          const altered = token.slice(0, at) + other + token.slice(at + 1);
          const { kind } = await tokens.read(altered, email);
          expect(kind).toBe(altered === token ? 'confirmed' : 'forged');
        }),
      );
    });

    test.each(['', '.', 'vt1', 'vt1.......', '.'.repeat(400), 'x'.repeat(400)])(
      '%j is forged',
      async (text) => {
        expect(await (await tokensAt(checkedAt)).read(text, email)).toEqual({ kind: 'forged' });
      },
    );

    test('the hash of an address is no signature of a token, nor the other way round', async () => {
      const body = 'vt1.x.key_4711.deliverable.no_known_obstacle.accept.0';
      const mac = (await issue(body)).split('.')[6];
      expect(await (await tokensAt(checkedAt)).read(`${body}.${mac}`, email)).toEqual({ kind: 'forged' });
    });
  });
}
