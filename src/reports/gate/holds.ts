// Holds the mail to a provider that refuses it, and lets a little through from time to time to see whether the block has ended.

import { hourMs } from '../../durations.ts';
import type { GateReason } from './question.ts';
import { type GateScore, scoreLimit } from './score.ts';

export interface Hold {
  /** Null: mail hosts of no well-known provider. */
  readonly provider: string | null;
  readonly perHour: number;
  /** When to try again, in epoch milliseconds; for a trial, when it is over. */
  readonly until: number;
  readonly reason: GateReason;
}

/** Shortest and longest time without mail after the last refusal. In between: half of how long the block has lasted. `guess`. */
const hold = { shortestMs: hourMs, longestMs: 12 * hourMs } as const;
/** Messages in an hour by which a block is tried. `guess`. */
const trialPerHour = 20;
/** A block is forgotten this long after the hold if no mail tried it. `guess`. */
const forgottenMs = 24 * hourMs;

export function blockHolds({
  now,
  scores,
  refusing,
}: {
  readonly now: number;
  readonly scores: readonly GateScore[];
  readonly refusing: readonly (string | null)[];
}): Hold[] {
  const holds = scores.flatMap((score): Hold[] => {
    const { kind, name, raisedAt, failedAt } = score;
    if (kind !== 'refused' || raisedAt === null || failedAt === null) return [];
    const lasted = Math.round((failedAt - raisedAt) / 2);
    const until = failedAt + Math.min(hold.longestMs, Math.max(hold.shortestMs, lasted));
    if (now > until + forgottenMs) return [];
    const provider = name === '' ? null : name;
    // Deliveries brought the score down: the trial goes well, and one refusal among them is no block.
    const goesWell = score.score < scoreLimit(score);
    if (now < until && !goesWell) return [heldAt(provider, until)];
    const perHour = trialPerHour * (goesWell ? 5 : 1);
    return [
      {
        ...{ provider, perHour, until: now + hourMs / 4 },
        reason: {
          code: 'provider_refuses',
          decision: 'slow',
          message: `${nameOf(provider)} refused your mail until lately. Try a few messages.`,
          incident: null,
        },
      },
    ];
  });
  const known = new Set(holds.map(({ provider }) => provider));
  return [
    ...holds,
    ...refusing
      .filter((provider) => !known.has(provider))
      .map((provider) => heldAt(provider, now + hold.shortestMs)),
  ];
}

const heldAt = (provider: string | null, until: number): Hold => ({
  ...{ provider, perHour: 0, until },
  reason: {
    code: 'provider_refuses',
    decision: 'slow',
    message: `${nameOf(provider)} refuse${provider === null ? '' : 's'} your mail. Send nothing there, and read the replies.`,
    incident: null,
  },
});

const nameOf = (provider: string | null): string => provider ?? 'Mail hosts of smaller providers';
