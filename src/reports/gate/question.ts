// What an operator asks the gate before a campaign, and what it answers.

export const gateDecisions = ['go', 'slow', 'stop'] as const;
export type GateDecision = (typeof gateDecisions)[number];

export const gatePurposes = ['marketing', 'transactional'] as const;
export type GatePurpose = (typeof gatePurposes)[number];

export interface GateQuestion {
  readonly campaign: string;
  readonly purpose: GatePurpose;
  /** The domain of the From address, in lower case; null if it is not given. */
  readonly fromDomain: string | null;
  readonly list: string | null;
  /** The expected share of hard bounces, from 0 to 1, and that of addresses in catch-all domains; null if unknown. */
  readonly forecast: GateForecast | null;
  /** How many messages are still to be sent; null if unknown. */
  readonly planned: number | null;
  /** When the domain or the IP address first sent mail, in epoch milliseconds; null: it needs no warm-up. */
  readonly firstSentAt: number | null;
}

export interface GateForecast {
  readonly hard: number;
  readonly catchAll: number | null;
}

/** The codes of the reasons. */
export const gateReasons = [
  /** A provider, or most of them, refuses the sender. */
  'provider_refuses',
  'sender_block',
  'authentication',
  /** Providers delay the mail or limit its rate. */
  'provider_defers',
  'soft_rise',
  'sending_bursts',
  'provider_fault',
  /** Too many addresses do not exist: in the campaign, the list, the source, or in all mail of the day. */
  'hard_bounces',
  'bad_import',
  'list_decay',
  'complaints',
  'forecast',
  'catch_all',
  /** The account at the email service provider is about to be reviewed or paused. */
  'esp_bounce_limit',
  'esp_complaint_limit',
  /** The DNS records of the From domain make mail bounce. */
  'sender_dns',
  'warm_up',
  'no_events',
] as const;
export type GateReasonCode = (typeof gateReasons)[number];

export interface GateReason {
  readonly code: GateReasonCode;
  /** What this reason asks for. The decision is the strictest one. */
  readonly decision: GateDecision;
  /** One English sentence about what was seen, and what to do. */
  readonly message: string;
  /** The id of the incident that is the reason; null if there is none. */
  readonly incident: string | null;
}

/** A limit of how much to send in an hour. */
export interface GateLimit {
  /** A mailbox provider; null: mail hosts of no well-known provider; `all`: all mail of the campaign. */
  readonly provider: string | null;
  /** 0: send nothing. */
  readonly perHour: number;
  /** When the limit ends, in epoch milliseconds, if a reply of the provider says so. */
  readonly until?: number;
}

export interface GateAnswer {
  readonly decision: GateDecision;
  readonly reasons: readonly GateReason[];
  readonly limits: readonly GateLimit[];
  /** When to ask again, in epoch milliseconds. */
  readonly until: number;
  /** The plan of a new sender, from today on; absent if it needs none. */
  readonly warmUp?: WarmUpPlan;
}

/** The messages in an hour that a new sender may send: today, and each day after it if providers delay and refuse little. */
export interface WarmUpPlan {
  /** The days of the plan that are done. */
  readonly step: number;
  readonly perHour: number;
  readonly nextDays: readonly number[];
}

/** A change of the decision about a campaign. */
export interface GateChange {
  readonly campaign: string;
  readonly purpose: GatePurpose;
  readonly before: GateDecision;
  readonly answer: GateAnswer;
  /** Epoch milliseconds. */
  readonly at: number;
}
