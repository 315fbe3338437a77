// Which addresses of a list are worth asking their mail hosts about.

import type { Mailbox } from '../address/mailbox.ts';
import { createKnownDomains } from '../validator/known-domains.ts';
import type { Judged, JudgedList, Validator } from '../validator/validate.ts';
import { type CleanOptions, dueRows } from './clean-slice.ts';
import type { ListPart, ListShape } from './shape.ts';

/**
 * The mailboxes that may be mailed, and about which nothing is known yet. An address that is suppressed, would bounce or is disposable
 * is not worth a question, and its host is not told that somebody has it. Sandbox addresses have no host. An address whose domain DNS
 * gave no answer about is asked about all the same: the prober looks it up again.
 */
export const addressesToAsk = ({ judged }: Pick<JudgedList, 'judged'>): Mailbox[] =>
  judged.flatMap((row) =>
    row.mailbox !== null && row.judgement.mailbox === undefined && isWorthAsking(row) ? [row.mailbox] : [],
  );

/**
 * The mailboxes about which mail hosts have answered since `since` (epoch milliseconds). If that is when the asking about this list
 * began, the list itself has asked about them, before its process died. They belong to it as much as those that are still to be asked.
 */
export const answeredSince = ({ judged }: Pick<JudgedList, 'judged'>, since: number): Mailbox[] =>
  judged.flatMap((row) => {
    const known = row.judgement.mailbox;
    if (row.mailbox === null || known?.basis !== 'smtp' || (known.checkedAt ?? 0) < since) return [];
    // What is known of a whole domain is also known of addresses about which no host was to be asked.
    return known.proof.kind !== 'catch_all' || isWorthAsking(row) ? [row.mailbox] : [];
  });

const isWorthAsking = ({ judgement: { domain, row } }: Judged): boolean =>
  domain?.segment != null &&
  !domain.disposable &&
  (row.result === 'deliverable' || row.result === 'risky' || row.reason === 'dns_undetermined');

/** The mailboxes of a list that `addressesToAsk` returns, each once. A part that cannot be read ends the list. */
export async function mailboxesToAsk(
  parts: AsyncIterable<ListPart>,
  shape: ListShape,
  validator: Validator,
  options: Pick<CleanOptions, 'asOf' | 'maxAgeDays' | 'question'>,
): Promise<Mailbox[]> {
  const { asOf, question } = options;
  const domains = createKnownDomains();
  const mailboxes = new Map<string, Mailbox>();
  for await (const part of parts) {
    if (part.kind === 'error') break;
    const { due } = dueRows(part.rows, shape, options);
    const judged = await validator.judgeList(due, { asOf, domains, question });
    for (const mailbox of addressesToAsk(judged)) mailboxes.set(mailbox.address, mailbox);
  }
  return [...mailboxes.values()];
}
