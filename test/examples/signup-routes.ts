// What every sign-up route of the examples answers: a typo, a good address, a disposable one, and all that a form must not tell.

import { expect, test } from 'vitest';
import type { Presend } from './programs.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const welcome: Answer = { status: 202, body: { message: 'Check your inbox.' } };
const refused = (error: string, suggestion: string | null = null): Answer => ({
  status: 422,
  body: { error, suggestion },
});

/** Registers the tests of a route. `send` posts JSON to it; `mailed` resolves when the route sent mail to an address. */
export function testSignupRoute(
  presend: Presend,
  send: (body: object) => Promise<Response>,
  mailed: (email: string) => Promise<unknown>,
): void {
  const signup = async (email: unknown, more: object = {}): Promise<Answer> => {
    const response = await send({ email, ...more });
    return { status: response.status, body: await response.json() };
  };

  test('a good address is taken, and gets a mail', async () => {
    expect(await signup('jane@brisk-otter.com')).toEqual(welcome);
    await mailed('jane@brisk-otter.com');
  });

  test('a typo is taken once the person confirmed it', async () => {
    const question = refused('Is this address right?', 'jane@gmail.com');
    expect(await signup('jane@gmial.com')).toEqual(question);
    expect(await signup('jane@gmial.com', { confirmed: 'joe@gmial.com' })).toEqual(question);
    expect(await signup('jane@gmial.com', { confirmed: 'jane@gmial.com' })).toEqual(welcome);
  });

  test.each([
    ['jane@mailinator.com', 'Please enter an address that you will keep.'],
    ['jane@no-mail-please.org', 'We cannot send mail to this address.'],
    ['', 'We cannot send mail to this address.'],
  ])('%j is refused, confirmed or not', async (email, error) => {
    expect(await signup(email)).toEqual(refused(error));
    expect(await signup(email, { confirmed: email })).toEqual(refused(error));
  });

  test('a list with an address counts as the address', async () => {
    expect(await signup(['jane@no-mail-please.org'])).toEqual(
      refused('We cannot send mail to this address.'),
    );
    expect(await signup(['jane@gmial.com'], { confirmed: 'jane@gmial.com' })).toEqual(welcome);
    expect(await signup(null)).toEqual(refused('We cannot send mail to this address.'));
  });

  test('a suppressed address has the answer of a good one', async () => {
    const email = 'stopped@brisk-otter.com';
    await presend.call('/v1/suppressions', { email, reason: 'complaint' });
    expect(await signup(email)).toEqual(welcome);
  });

  test('what could not be determined is taken', async () => {
    expect(await signup('dns-undetermined@presend.test')).toEqual(welcome);
  });
}
