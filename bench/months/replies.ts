// What providers reply to mail that fails on ordinary days, and during incidents.

import type { BounceReason } from '../../src/bounce/bounce.ts';
import type { Random } from '../simulate/random.ts';
import type { Provider, Reply } from './providers.ts';
import { binomial } from './sample.ts';

/** Replies with their shares. The shares of a mix sum to 1. */
export type Mix = readonly (Reply & { readonly share: number })[];

const hard = (share: number, reason: BounceReason, status: string | null) =>
  ({ share, class: 'hard', reason, status }) as const;
const soft = (share: number, reason: BounceReason, status: string | null) =>
  ({ share, class: 'soft', reason, status }) as const;
const policy = (share: number, reason: BounceReason, status: string | null) =>
  ({ share, class: 'policy', reason, status }) as const;

export interface Mixes {
  readonly hard: Mix;
  readonly full: Mix;
  readonly soft: Mix;
  readonly policy: Mix;
  readonly deferred: Mix;
}

/** The replies of a provider on an ordinary day. */
export function ordinaryReplies({ name, replies }: Provider): Mixes {
  const unknown = hard(0, 'mailbox_unknown', replies.unknown);
  return {
    hard:
      name === null
        ? [
            hard(0.4, 'domain_unknown', '5.1.2'),
            { ...unknown, share: 0.5 },
            hard(0.1, 'mailbox_unknown', null),
          ]
        : [{ ...unknown, share: 0.9 }, hard(0.1, 'mailbox_disabled', '5.2.1')],
    full: [soft(1, 'mailbox_full', replies.full)],
    soft: [
      soft(0.35, 'expired', '4.4.7'),
      soft(0.3, 'network_error', '4.4.1'),
      soft(0.2, 'system_error', replies.outage),
      soft(0.15, 'unknown', null),
    ],
    policy: [
      policy(0.5, 'spam_content', '5.7.1'),
      policy(0.3, 'policy_refused', '5.7.1'),
      policy(0.2, 'blocked_reputation', replies.block),
    ],
    deferred:
      name === null
        ? [soft(0.8, 'greylisted', '4.7.1'), soft(0.2, 'network_error', '4.4.1')]
        : [
            soft(0.45, 'rate_limited', replies.rate),
            soft(0.35, 'system_error', replies.outage),
            soft(0.2, 'greylisted', '4.7.1'),
          ],
  };
}

/** Splits `count` messages into the replies of a mix. */
export function splitReplies(
  random: Random,
  count: number,
  mix: Mix,
  emit: (reply: Reply, messages: number) => void,
): void {
  let rest = count;
  let share = 1;
  for (const [index, one] of mix.entries()) {
    if (rest === 0) return;
    const messages = index === mix.length - 1 ? rest : binomial(random, rest, Math.min(one.share / share, 1));
    if (messages > 0) emit(one, messages);
    rest -= messages;
    share -= one.share;
  }
}

/** The only reply of an incident. */
export const always = (reply: Reply): Mix => [{ ...reply, share: 1 }];

export const blocked = ({ name, replies }: Provider): Mix =>
  always(
    name === 'mimecast'
      ? policy(1, 'policy_refused', replies.block)
      : policy(1, 'blocked_reputation', replies.block),
  );
export const unauthenticated = ({ replies }: Provider): Mix =>
  always(policy(1, 'authentication_failed', replies.authentication));
export const unauthenticatedWarning = (): Mix => always(soft(1, 'authentication_failed', '4.7.26'));
export const rateLimited = ({ replies }: Provider): Mix => always(soft(1, 'rate_limited', replies.rate));
export const falselyUnknown = ({ replies }: Provider): Mix =>
  always(hard(1, 'mailbox_unknown', replies.unknown ?? '5.1.1'));
export const full = ({ replies }: Provider): Mix => always(soft(1, 'mailbox_full', replies.full));
export const down = ({ replies }: Provider): Mix => [
  soft(0.6, 'network_error', '4.4.1'),
  soft(0.4, 'system_error', replies.outage),
];
export const overloaded = ({ replies }: Provider): Mix => [
  soft(0.6, 'rate_limited', replies.rate),
  soft(0.4, 'system_error', replies.outage),
];
/** What a falling reputation looks like: mail is deferred until it expires. */
export const distrusted = ({ replies }: Provider): Mix => [
  soft(0.5, 'rate_limited', replies.rate),
  soft(0.35, 'expired', '4.4.7'),
  soft(0.15, 'unknown', null),
];
export const deadAddresses = (provider: Provider): Mix => ordinaryReplies(provider).hard;
export const noReverseDns = (): Mix => always(policy(1, 'reverse_dns', '5.7.25'));
export const spamContent = (): Mix => always(policy(1, 'spam_content', '5.7.1'));
export const deadProvider = (): Mix => [
  hard(0.85, 'domain_unknown', '5.1.2'),
  hard(0.15, 'domain_unknown', '5.4.4'),
];
