// Which addresses of a list are worth asking their mail hosts about.

import type { Mailbox } from '../address/mailbox.ts';
import { createKnownDomains } from '../validator/known-domains.ts';
import type { JudgedList, Validator } from '../validator/validate.ts';
import { type CleanOptions, dueRows } from './clean-slice.ts';
import type { ListPart, ListShape } from './shape.ts';

/**
 * The mailboxes that may be mailed, and about which nothing is known yet. An address that is suppressed, would bounce or is disposable
 * is not worth a question, and its host is not told that somebody has it. Sandbox addresses have no host. An address whose domain DNS
 * gave no answer about is asked about all the same: the prober looks it up again.
 */
export const addressesToAsk = ({ judged }: Pick<JudgedList, 'judged'>): Mailbox[] =>
  judged.flatMap(({ mailbox, judgement }) =>
    mailbox !== null &&
    judgement.mailbox === undefined &&
    judgement.domain?.segment != null &&
    !judgement.domain.disposable &&
    (judgement.row.result === 'deliverable' ||
      judgement.row.result === 'risky' ||
      judgement.row.reason === 'dns_undetermined')
      ? [mailbox]
      : [],
  );

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
