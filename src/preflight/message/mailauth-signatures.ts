// Verifies DKIM signatures with mailauth. The DNS questions are those of the preflight.

import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { resolverOver } from '../mailauth.ts';
import type { VerifiedSignature, VerifySignatures } from './signature-check.ts';

/** mailauth hands the bytes to a stream of Node, which takes any Uint8Array. */
type MailauthMessage = Parameters<typeof dkimVerify>[0] & Uint8Array;

type MailauthResult = Awaited<ReturnType<typeof dkimVerify>>['results'][number];

const states: readonly (readonly [RegExp, VerifiedSignature['state']])[] = [
  [/^body hash did not verify/, 'body_changed'],
  [/^From field not signed/, 'from_not_signed'],
  [/^(?:expired|invalid expiration)/, 'expired'],
  [/^no key|^unknown key|^invalid public key|^inappropriate|^key not for/, 'key_missing'],
  [/syntax|required tag|version|mismatch|unknown|unsupported/, 'malformed'],
];

function stateOf({ status }: MailauthResult): VerifiedSignature['state'] {
  if (status.result === 'pass') return 'valid';
  if (status.result === 'temperror') return 'not_answered';
  const comment = String(status.comment ?? '');
  const found = states.find(([words]) => words.test(comment));
  if (found !== undefined) return found[1];
  return status.result === 'policy' ? 'key_missing' : 'invalid';
}

export const verifySignatures: VerifySignatures = async (message, ask, now) => {
  const { results } = await dkimVerify(
    message as MailauthMessage,
    {
      resolver: resolverOver(ask) as (name: string, type: string) => Promise<string[]>,
      curTime: now,
      // The strict mode also reports signatures that it cannot process. The lenient mode leaves them out.
      strict: true,
      minBitLength: 1024,
    } as Parameters<typeof dkimVerify>[1],
  );
  return results
    .filter(({ status }) => status.result !== 'none')
    .map((result) => ({
      domain: result.signingDomain ?? '',
      selector: result.selector ?? '',
      algorithm: result.algo ?? '',
      state: stateOf(result),
    }));
};
