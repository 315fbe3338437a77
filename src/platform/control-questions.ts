// DNS lookups that are not about a recipient: one tests whether the resolvers work, the others find the hosts of
// callback URLs.

import { liveQuestion } from '../dns/probe-resolvers.ts';
import type { Resolver } from '../dns/resolver.ts';
import { isIpAddress, isPublicAddress } from '../domain/ip-address.ts';
import type { CallbackNames } from '../webhooks/callback-target.ts';

const timeoutMs = 5000;

/**
 * Returns whether at least one resolver works. A SERVFAIL counts as an answer: the resolver works, but has a problem
 * with this name.
 */
export async function resolversAnswer(resolver: Resolver): Promise<boolean> {
  const outcome = await resolver.resolve(liveQuestion, AbortSignal.timeout(timeoutMs));
  return outcome.kind !== 'failure' || outcome.cause === 'servfail';
}

/**
 * Returns the functions that look up the host of a callback URL and tell whether an address is public. `addressesOf`
 * returns null if both the A and the AAAA lookup fail.
 */
export const callbackNames = (resolver: Resolver): CallbackNames => ({
  isPublic: isPublicAddress,
  isBareAddress: isIpAddress,
  async addressesOf(host) {
    const signal = AbortSignal.timeout(timeoutMs);
    const outcomes = await Promise.all([
      resolver.resolve({ name: host, type: 'A' }, signal),
      resolver.resolve({ name: host, type: 'AAAA' }, signal),
    ]);
    if (outcomes.every(({ kind }) => kind === 'failure')) return null;
    return outcomes.flatMap((outcome) => (outcome.kind === 'addresses' ? outcome.addresses : []));
  },
});
