// Refusals that prove nothing yet. A host may refuse everybody, so a refusal counts once the host has accepted another address of the
// domain after it.

import type { Mailbox } from '../address/mailbox.ts';
import type { RecipientFinding } from './read-answer.ts';

export interface RefusedRecipient {
  readonly mailbox: Mailbox;
  /** What the refusal proves if it is confirmed. */
  readonly finding: RecipientFinding;
  /**
   * How many RCPT commands the session had sent by then. A host may refuse everybody after some questions of a session, so a refusal
   * of an earlier session is confirmed only by an acceptance after as many questions.
   */
  readonly position: number;
}

/** The refusals that wait for their confirmation in one session, those of earlier sessions included. */
export class OpenRefusals {
  #open: readonly RefusedRecipient[];

  constructor(earlier: readonly RefusedRecipient[]) {
    this.#open = earlier;
  }

  get all(): readonly RefusedRecipient[] {
    return this.#open;
  }

  of(domain: string): readonly RefusedRecipient[] {
    return this.#open.filter(({ mailbox }) => mailbox.domain === domain);
  }

  get domains(): readonly string[] {
    return [...new Set(this.#open.map(({ mailbox }) => mailbox.domain))];
  }

  add(refusal: RefusedRecipient): void {
    this.#open = [...this.#open, refusal];
  }

  /** Takes out the refusals at the domain that an acceptance confirms which came after `asked` RCPT commands. */
  confirmedBy(domain: string, asked: number): readonly RefusedRecipient[] {
    return this.#take(({ mailbox, position }) => mailbox.domain === domain && position <= asked);
  }

  takeAll(domain: string): readonly RefusedRecipient[] {
    return this.#take(({ mailbox }) => mailbox.domain === domain);
  }

  #take(isTaken: (refusal: RefusedRecipient) => boolean): readonly RefusedRecipient[] {
    const taken = this.#open.filter(isTaken);
    this.#open = this.#open.filter((refusal) => !isTaken(refusal));
    return taken;
  }
}

export const refusesRecipient = ({ kind }: RecipientFinding): boolean =>
  kind === 'unknown_user' || kind === 'disabled';

/** Whether the reply is a refusal that may be about the domain or about the user. */
export const mayBeUser = (finding: RecipientFinding): boolean =>
  finding.kind === 'undetermined' && finding.mayBeUser === true;
