// The port for what all processes share: stored results, and how often each mail host was asked.

import type { UnprovenCause } from '../address/mailbox-proof.ts';
import type { DomainFinding } from './visit.ts';

/** The stored result about an address. All times are epoch milliseconds. */
export interface StoredProof {
  readonly addressHash: string;
  /** Written, and not read again: with what its domain accepts, an accepted address is proven or not when its mail bounces. */
  readonly domainHash?: string;
  /**
   * `accepted` proves a mailbox only if the domain does not accept every name. `asked`: the question was about to be sent, and its
   * reply is not known. `maybe_unknown`, `maybe_disabled`: a refusal that counts once the host has accepted somebody after it.
   */
  readonly finding:
    | ('accepted' | 'catch_all' | 'unknown_user' | 'disabled' | 'full' | 'undetermined')
    | ('asked' | 'maybe_unknown' | 'maybe_disabled');
  /** Why the finding is `undetermined`, or why it will be if a `maybe_…` is not confirmed; null if there is no special cause. */
  readonly cause: UnprovenCause | null;
  /** How many RCPT commands the session had sent when the host refused the address; null unless the finding is `maybe_…`. */
  readonly position: number | null;
  /** How often the host told us to try again later. */
  readonly attempts: number;
  readonly checkedAt: number;
  /** When to ask again; null if it need not be asked before it expires. */
  readonly retryAt: number | null;
  readonly expiresAt: number;
}

export interface StoredDomain {
  readonly domainHash: string;
  readonly finding: DomainFinding['kind'];
  /** The name that is asked about again while the finding is `waiting`. */
  readonly madeUpName: string | null;
  readonly checkedAt: number;
  readonly retryAt: number | null;
  readonly expiresAt: number;
}

/** A request for permission to hold a session with a mail host. */
export interface SessionRequest {
  readonly hostHash: string;
  /** A random name of the session. */
  readonly session: string;
  readonly now: number;
  /** Milliseconds after which the session counts as over, even if its process has not ended it. */
  readonly leaseMs: number;
  /** Number of RCPT commands that the caller wants, and the minimum for which it opens a session. */
  readonly wanted: number;
  readonly least: number;
  readonly perHour: number;
  readonly perDay: number;
}

export type SessionGrant =
  /** The session may send `granted` RCPT commands. `refusals`: how many sessions in a row the host refused before. */
  | { readonly kind: 'granted'; readonly granted: number; readonly refusals: number }
  /** Ask again at `notBefore`. `cause`: why the host rests; null if it is only busy or its budget is used up. */
  | { readonly kind: 'later'; readonly notBefore: number; readonly cause: string | null };

/** The results of a session. */
export interface SessionRecord {
  readonly hostHash: string;
  readonly session: string;
  readonly now: number;
  /** RCPT commands that were sent. */
  readonly asked: number;
  /** Recipients about whom the host said something, and how many of them it said not to exist. Control questions are not counted. */
  readonly answered: number;
  readonly unknown: number;
  /** Why the host refused us, and until when it rests; null if it did not refuse. */
  readonly refused: { readonly cause: string; readonly restUntil: number } | null;
  /** When the next session may begin. */
  readonly nextAt: number;
  readonly proofs: readonly StoredProof[];
  readonly domains: readonly StoredDomain[];
}

export interface ProbeRepository {
  /** Returns what is kept about the addresses and has not expired, in no order. */
  proofs(keyId: string, addressHashes: readonly string[], now: number): Promise<StoredProof[]>;
  domains(keyId: string, domainHashes: readonly string[], now: number): Promise<StoredDomain[]>;
  /**
   * Begins a session, if no other is in progress with the host, the host does not rest, and its budget of the hour and the day
   * is not used up. The granted commands are counted at once, so they count even if the process is killed.
   */
  begin(keyId: string, request: SessionRequest): Promise<SessionGrant>;
  /**
   * Ends a session and keeps its results, in one transaction. The host then rests for the day if it said of more than
   * `unknownShare` of at least `unknownLeast` recipients of the day that they do not exist, since that is what guessing addresses
   * looks like.
   */
  end(keyId: string, record: SessionRecord): Promise<void>;
  /** Keeps results before the end of a session, or of another prober. */
  keep(
    keyId: string,
    results: Pick<SessionRecord, 'proofs' | 'domains'>,
    /** The session from which the results are, and how many RCPT commands it has sent. */
    session?: Pick<SessionRecord, 'hostHash' | 'session' | 'asked'>,
  ): Promise<void>;
  /**
   * Ends the sessions whose names begin with `prefix`. Only for those of processes that no longer run. Of what was granted to them, only
   * what they sent still counts, and one command that may have been under way.
   */
  endSessions(prefix: string): Promise<void>;
  /** Deletes what expired before `now`, and the counts of hosts of days before. */
  deleteExpired(now: number): Promise<void>;
}

export const unknownShare = 0.6;
export const unknownLeast = 20;
