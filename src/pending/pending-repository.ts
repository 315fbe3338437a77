// The port for verdicts whose mailbox proof is still to come. A row is kept until its receiver has the new verdict.

export interface NewPending {
  readonly id: string;
  /** The keyed hash of the whole request. Of equal requests only one is kept. */
  readonly request: string;
  readonly addressHash: string;
  /** The encrypted request. */
  readonly sealed: string;
}

/** A row that this process may work on until its lease ends. */
export interface LeasedPending {
  readonly id: string;
  readonly keyId: string;
  readonly sealed: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly lease: number;
}

export interface PendingDelivery extends LeasedPending {
  /** Attempts to deliver so far, including the one that the claim begins. */
  readonly attempts: number;
}

type Leased = Pick<LeasedPending, 'id' | 'lease'>;

export interface PendingRepository {
  /**
   * Keeps the requests, unless equal ones are kept already or the caller has `most` rows. Returns the hashes of those requests that
   * are kept now.
   */
  add(
    rows: readonly NewPending[],
    by: { readonly caller: string; readonly keyId: string; readonly most: number; readonly now: number },
  ): Promise<ReadonlySet<string>>;
  /** Leases the rows whose mail host is due to be asked, those that have been due longest first. */
  claimQuestions(now: number, leaseUntil: number, limit: number): Promise<readonly LeasedPending[]>;
  /** Ends the lease. The mail host is asked again at `nextAt`. */
  postponeQuestion(row: Leased, nextAt: number): Promise<void>;
  /** Replaces the request by the message to the receiver. Nothing happens if the lease has ended or the row was erased. */
  proven(row: Leased, sealed: string, now: number): Promise<void>;
  /** Leases the delivery that has been due longest; null if none is due. */
  claimDelivery(now: number, leaseUntil: number): Promise<PendingDelivery | null>;
  /** Ends the lease. The next attempt is due at `nextAt`. */
  postponeDelivery(row: Leased, nextAt: number): Promise<void>;
  /** Deletes a row: its receiver has the verdict, or nothing more is done about it. */
  remove(row: Leased): Promise<void>;
  /** Whether a row is due at `at` and no process works on it. */
  hasDue(at: number): Promise<boolean>;
  /** Ends all leases. Only if the processes that held them no longer run. */
  endLeases(): Promise<void>;
  /** Deletes the rows that were created before `before`, and returns their number. */
  deleteBefore(before: number): Promise<number>;
}
