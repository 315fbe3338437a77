// Assembles the intake of delivery events. It runs in the service, or in a separate thread (see event-thread.ts).

import { createEspIntake, type EspIntake } from '../esp/esp-intake.ts';
import { createFeedback, type Feedback, type FeedbackOptions } from '../events/record.ts';
import { outcomesOf, reportsDeliveriesWithinMs } from '../learning/outcomes.ts';
import { replyLimitsOf } from '../reports/gate/reply-limits.ts';
import { scoreChanges } from '../reports/gate/score.ts';
import type { Database } from '../storage/database.ts';
import { createEventRepository } from '../storage/sqlite/event-repository.ts';
import { createGateRepository } from '../storage/sqlite/gate-repository.ts';
import { createReplyLimitRepository } from '../storage/sqlite/reply-limit-repository.ts';
import { createSuppressionRepository } from '../storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../suppression/address-hash.ts';
import { createSuppressionList } from '../suppression/list.ts';
import { createCertificateCache } from '../webhooks/certificates.ts';
import { scoredEvents } from './gate-events.ts';
import type { Settings } from './settings.ts';

export interface EventIntake {
  readonly feedback: Feedback;
  readonly espIntake: EspIntake;
}

/** The functions of the service that the intake needs. */
export type IntakePorts = Required<
  Pick<FeedbackOptions, 'mailHostsOf' | 'onPolicyBounces' | 'onNewEvent'>
> & {
  /** Called and awaited when the scores of the gate begin or end a hold. Must not reject. */
  readonly onScoresTurned: () => Promise<void>;
};

/** The settings of the intake. They contain only plain values, so they can be passed to a thread. */
export type IntakeSettings = Pick<
  Settings,
  'suppressionRules' | 'engagementRetentionMs' | 'eventHotMs' | 'espSecrets' | 'listProfile'
>;

export function createEventIntake({
  database,
  hasher,
  settings,
  now,
  together,
  mailHostsOf,
  onPolicyBounces,
  onNewEvent,
  onScoresTurned,
}: IntakePorts &
  Pick<FeedbackOptions, 'now' | 'together'> & {
    readonly database: Database;
    readonly hasher: AddressHasher;
    readonly settings: IntakeSettings;
  }): EventIntake {
  const gateRepository = createGateRepository(database);
  const replyLimits = createReplyLimitRepository(database);
  const feedback = createFeedback({
    repository: createEventRepository(database),
    hasher,
    suppressionList: createSuppressionList({
      repository: createSuppressionRepository(database),
      hasher,
      now,
    }),
    now,
    rules: settings.suppressionRules,
    hotMs: settings.eventHotMs,
    mailHostsOf,
    together,
    outcomesOf: (identified) => outcomesOf(identified, now()),
    keepsEngagement: settings.engagementRetentionMs > 0,
    onPolicyBounces,
    onNewEvent,
    async scoresOf(stored) {
      const reporters = await gateRepository
        .reportersOfDeliveries(now() - reportsDeliveriesWithinMs)
        .catch(() => []);
      return scoreChanges(scoredEvents(stored, reporters), settings.listProfile);
    },
    // If this fails, the next maintenance decides again.
    async onScored(at) {
      if (await gateRepository.roseAt(at).catch(() => false)) await onScoresTurned();
    },
    async onReplies(replies) {
      const limits = replyLimitsOf(replies, now());
      if (limits.length === 0) return;
      try {
        const known = await replyLimits.current(now());
        await replyLimits.keep(limits);
        const isNew = limits.some(
          ({ provider, kind }) => !known.some((one) => one.provider === provider && one.kind === kind),
        );
        if (isNew) await onScoresTurned();
      } catch {
        // As with the scores.
      }
    },
  });
  const certificates = createCertificateCache(fetchText, now);
  return {
    feedback,
    espIntake: createEspIntake({ feedback, espSecrets: settings.espSecrets, certificates }),
  };
}

/**
 * Limits of the requests that fetch a signing certificate or confirm an SNS subscription: milliseconds, and characters
 * of the response.
 */
const fetchLimits = { ms: 5000, characters: 65_536 };

/** Fetches an https URL without following redirects; null if there is no response with status 200 and a short body. */
export async function fetchText(url: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(fetchLimits.ms);
    const response = await fetch(url, { redirect: 'manual', signal });
    return response.status === 200 ? await shortText(response) : null;
  } catch {
    return null;
  }
}

/** Reads a body; null if it is too long. Never holds more than the limit and one chunk. */
async function shortText({ body }: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > fetchLimits.characters) return null;
  }
  return text + decoder.decode();
}
