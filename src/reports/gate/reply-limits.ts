// Limits that single replies of a provider ask for, such as `421 4.7.28 … try again in 300 seconds`. They hold at once, before the
// score of the provider rises.

import type { BounceClass, BounceReason } from '../../bounce/bounce.ts';
import { replyPace } from '../../bounce/reply-limit.ts';
import type { GateLimit, GateReason } from './question.ts';

/** A temporary reply of a well-known mailbox provider. */
export interface ProviderReply {
  readonly provider: string;
  readonly class: BounceClass;
  readonly reason: BounceReason;
  readonly replyCode: number | null;
  readonly reply: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Times are in epoch milliseconds. */
export interface ReplyLimit {
  readonly provider: string;
  readonly kind: 'suspend' | 'slow';
  readonly until: number;
  /** The rate that the reply names; null if it names none. */
  readonly perHour: number | null;
  readonly saidAt: number;
}

/** The storage of the limits of one workspace. */
export interface ReplyLimitRepository {
  /** Keeps limits. Of several limits of one kind for a provider, the latest end and the rate that was named last hold. */
  keep(limits: readonly ReplyLimit[]): Promise<void>;
  /** Returns the limits that end after `at`. */
  current(at: number): Promise<ReplyLimit[]>;
  deleteBefore(before: number): Promise<void>;
}

/** Returns the limits that replies ask for and that have not ended. */
export const replyLimitsOf = (replies: readonly ProviderReply[], now: number): ReplyLimit[] =>
  replies.flatMap((reply) => {
    const pace = replyPace(reply);
    const until = pace === null ? 0 : reply.at + pace.seconds * 1000;
    if (pace === null || until <= now) return [];
    const perHour = pace.kind === 'slow' ? pace.perHour : null;
    return [{ provider: reply.provider, kind: pace.kind, until, perHour, saidAt: reply.at }];
  });

/** Limits as the gate answers them. `slowed` is how many messages in an hour a provider gets if a reply names no rate. */
export function limitsByReplies(
  replyLimits: readonly ReplyLimit[],
  now: number,
  slowed: (provider: string) => number,
): { readonly limits: GateLimit[]; readonly reasons: GateReason[] } {
  const current = replyLimits.filter(({ until }) => until > now);
  return {
    limits: current.map(({ provider, kind, until, perHour }) => ({
      ...{ provider, until },
      perHour: kind === 'suspend' ? 0 : (perHour ?? slowed(provider)),
    })),
    reasons: current.map(({ provider, kind, until }) => ({
      code: 'provider_defers',
      decision: 'slow',
      message:
        kind === 'suspend'
          ? `A reply of ${provider} asks you to wait until ${new Date(until).toISOString().slice(11, 16)} UTC. Send nothing there until then.`
          : `A reply of ${provider} says that you send too fast. Send more slowly there, with fewer connections.`,
      incident: null,
    })),
  };
}
