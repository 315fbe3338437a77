// The outcomes of a number of messages, as counts.

export interface EventTally {
  /** Messages that a provider reported as sent. Many providers report outcomes only. */
  readonly sent: number;
  readonly delivered: number;
  readonly hard: number;
  readonly soft: number;
  readonly policy: number;
  readonly complaint: number;
  readonly unsubscribed: number;
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
};

const names = Object.keys(nothing) as (keyof EventTally)[];

export const sum = (tallies: Iterable<EventTally>): EventTally => {
  const total: { -readonly [name in keyof EventTally]: number } = { ...nothing };
  for (const tally of tallies) for (const name of names) total[name] += tally[name];
  return total;
};

/** Messages that bounced. */
export const bounces = ({ hard, soft, policy }: EventTally): number => hard + soft + policy;

/** How many messages were sent; null if unknown, since bounces alone give no rate. */
export const sentIn = (tally: EventTally): number | null =>
  tally.sent + tally.delivered === 0 ? null : Math.max(tally.sent, tally.delivered + bounces(tally));
