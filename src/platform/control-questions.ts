// DNS lookups that are not about a recipient: whether resolvers work, and where callbacks go.

import type { Resolver } from '../dns/resolver.ts';
import { isIpAddress, isPublicAddress } from '../domain/ip-address.ts';
import type { CallbackNames } from '../webhooks/callback-target.ts';

const timeoutMs = 5000;

/** A name that IANA reserves permanently (RFC 2606). */
const controlName = 'example.com';

/** Whether at least one resolver works. SERVFAIL counts as working, because it reports a problem with the name. */
export async function resolversAnswer(resolver: Resolver): Promise<boolean> {
  const outcome = await resolver.resolve({ name: controlName, type: 'MX' }, AbortSignal.timeout(timeoutMs));
  return outcome.kind !== 'failure' || outcome.cause === 'servfail';
}

/** Resolves and judges the hosts of callback URLs. `addressesOf` returns null if both lookups fail. */
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
