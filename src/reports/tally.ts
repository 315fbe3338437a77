// The numbers of messages that were sent, delivered, bounced and so on.

export interface EventTally {
  /**
   * Number of messages that a provider reported as sent. Many providers report only deliveries and failures; then this
   * is 0.
   */
  readonly sent: number;
  readonly delivered: number;
  readonly hard: number;
  readonly soft: number;
  readonly policy: number;
  readonly complaint: number;
  readonly unsubscribed: number;
  /** Number of temporary failures after which the sending server tries again. They are not bounces. */
  readonly deferred: number;
}

export type Failure = Exclude<keyof EventTally, 'sent' | 'delivered'>;

export const nothing: EventTally = {
  sent: 0,
  delivered: 0,
  hard: 0,
  soft: 0,
  policy: 0,
  complaint: 0,
  unsubscribed: 0,
  deferred: 0,
};

export const sum = (tallies: Iterable<EventTally>): EventTally => {
  const total = { ...nothing } as { -readonly [name in keyof EventTally]: number };
  // Written without a loop over the names, which is faster: a report sums hundreds of thousands of tallies.
  for (const tally of tallies) {
    total.sent += tally.sent;
    total.delivered += tally.delivered;
    total.hard += tally.hard;
    total.soft += tally.soft;
    total.policy += tally.policy;
    total.complaint += tally.complaint;
    total.unsubscribed += tally.unsubscribed;
    total.deferred += tally.deferred;
  }
  return total;
};

/** Returns the number of messages that bounced. */
export const bounces = ({ hard, soft, policy }: EventTally): number => hard + soft + policy;

/**
 * Returns the number of sent messages; null if nothing was reported as sent or delivered, because bounces alone do not
 * tell how much was sent.
 */
export const sentIn = (tally: EventTally): number | null =>
  tally.sent + tally.delivered === 0 ? null : Math.max(tally.sent, tally.delivered + bounces(tally));
