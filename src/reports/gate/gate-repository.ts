// The storage port of the gate.

import type { GateDecision, GatePurpose, GateQuestion, GateReason } from './question.ts';
import type { GateScore, ScoreChanges } from './score.ts';

/** The latest decision about a campaign, as the operator knows it. */
export interface ToldDecision {
  readonly question: GateQuestion;
  readonly decision: GateDecision;
}

/** A change of a decision, as it was stored with it. */
export interface StoredGateChange {
  /** Rises with each change, and is never used again. */
  readonly id: number;
  readonly campaign: string;
  readonly purpose: GatePurpose;
  readonly before: GateDecision;
  readonly decision: GateDecision;
  /** The reasons of the new decision, the strictest first. */
  readonly reasons: readonly GateReason[];
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A webhook that waits to be sent. Its id and its body are the same at every attempt. */
export interface GateMessage {
  readonly id: string;
  readonly body: string;
  /** The number of attempts so far, including the one that `claim` begins. */
  readonly attempts: number;
}

/** Times are in epoch milliseconds. */
export interface GateRepository {
  /** Changes scores. The scores of delivery events change in the transaction that stores them (see `EventRepository.store`). */
  change(changes: ScoreChanges): Promise<void>;
  /** Whether a score rose to its limit by the changes that have the time `at`. */
  roseAt(at: number): Promise<boolean>;
  /** Returns the reporters, such as `amazon_ses`, that reported a delivery after `since`. */
  reportersOfDeliveries(since: number): Promise<string[]>;
  /** Returns the scores of all providers, of a campaign and of a list. */
  scores(campaign: string | null, list: string | null): Promise<GateScore[]>;
  /**
   * Stores the decision. If it differs from the earlier one, returns the earlier one and stores the change and `message` (unless
   * null) in the same transaction. Returns null if the decision is the same, or the first one about the campaign. If several processes find
   * the same change, only one of them gets the earlier decision.
   */
  keep(
    told: ToldDecision & { readonly campaign: string; readonly reasons?: readonly GateReason[] },
    at: number,
    isAsked: boolean,
    message: { readonly id: string; readonly bodyAfter: (before: GateDecision) => string } | null,
  ): Promise<GateDecision | null>;
  /** Returns at most `limit` decisions about campaigns about which the gate was asked since `since`, the latest question first. */
  askedSince(since: number, limit: number): Promise<ToldDecision[]>;
  /** Returns the last `limit` changes at or after `since`, the first change first. */
  changesSince(since: number, limit: number): Promise<StoredGateChange[]>;
  /** Takes the message that has been due longest, so no other process sends it before `leaseUntil`. */
  claim(at: number, leaseUntil: number): Promise<GateMessage | null>;
  settle(id: string): Promise<void>;
  postpone(id: string, nextAt: number): Promise<void>;
  /** Deletes scores, decisions and changes that were last changed, asked for or made before `before`. */
  deleteBefore(before: number): Promise<void>;
}
