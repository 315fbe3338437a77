// Holds back mail to a provider that refuses it, and allows a few messages from time to time to find out whether the block has
// ended.

import { hourMs } from '../../durations.ts';
import type { GateReason } from './question.ts';
import { type GateScore, scoreLimit } from './score.ts';

export interface Hold {
  /** Null: mail hosts of no well-known provider. */
  readonly provider: string | null;
  readonly perHour: number;
  /** The end of the hold or of the trial, in epoch milliseconds. */
  readonly until: number;
  readonly reason: GateReason;
}

/**
 * Shortest and longest hold after the last refusal. Between these limits, a hold takes half of the time that the block has
 * lasted. `guess`.
 */
const hold = { shortestMs: hourMs, longestMs: 12 * hourMs } as const;
/** Number of messages per hour in a trial, and after deliveries showed that it goes well. `guess`. */
export const trialPerHour = 20;
export const trialPerHourLater = 100;
/** Milliseconds after the hold until a block is forgotten if no mail was tried. `guess`. */
const forgottenMs = 24 * hourMs;

/** Until when mail is held after refusals from `raisedAt` to `failedAt`. */
export function holdEnd(raisedAt: number, failedAt: number): number {
  const half = Math.round((failedAt - raisedAt) / 2);
  return failedAt + Math.min(hold.longestMs, Math.max(hold.shortestMs, half));
}

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
    const until = holdEnd(raisedAt, failedAt);
    if (now > until + forgottenMs) return [];
    const provider = name === '' ? null : name;
    // Deliveries brought the score down: the trial goes well, and one refusal among them is no block.
    const goesWell = score.score < scoreLimit(score);
    if (now < until && !goesWell) return [heldAt(provider, until)];
    const perHour = goesWell ? trialPerHourLater : trialPerHour;
    return [
      {
        ...{ provider, perHour, until: now + hourMs / 4 },
        reason: {
          code: 'provider_refuses',
          decision: 'slow',
          message: `${nameOf(provider)} refused your mail until recently. Send only a few messages there now, and ask again.`,
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
    message: `${nameOf(provider)} refuse${provider === null ? '' : 's'} your mail. Send nothing there for now, and read the SMTP replies for the cause.`,
    incident: null,
  },
});

const nameOf = (provider: string | null): string => provider ?? 'Mail hosts of smaller providers';
