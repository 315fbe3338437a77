// Which mail hosts are asked about mailboxes, and at what pace, by data/mailbox-policy.tsv.

import { mailboxPolicies } from '../../data/packed/mailbox-policies.js';
import { dataPart, entriesBy } from '../data-part.ts';
import { registrableDomain } from '../domain/registrable.ts';

export interface MailboxPolicy {
  /**
   * `no`: the provider gives the same answer for every mailbox, or accepts mail and bounces it later, so presend does not ask it.
   * `weak`: a gateway accepts mail before it knows whether the mailbox exists, so its yes does not prove a mailbox.
   */
  readonly probe: 'yes' | 'no' | 'weak';
  /** `control`: an unknown mailbox counts only if the host accepts another address afterwards. */
  readonly unknown: 'direct' | 'control';
  /** RCPT commands in a session. */
  readonly perSession: number;
  /** Milliseconds from the end of a session to the beginning of the next one. */
  readonly betweenMs: number;
  readonly perHour: number;
  readonly perDay: number;
}

const policyOf = (fields: readonly string[]): MailboxPolicy => {
  const [probe, unknown, perSession, seconds, perHour, perDay] = fields;
  return {
    probe: probe as MailboxPolicy['probe'],
    unknown: unknown as MailboxPolicy['unknown'],
    perSession: Number(perSession),
    betweenMs: Number(seconds) * 1000,
    perHour: Number(perHour),
    perDay: Number(perDay),
  };
};

const tableOf = (text: string): ReadonlyMap<string, MailboxPolicy> =>
  new Map(
    text.split('\n').map((row) => {
      const [host, ...fields] = row.split(' ');
      return [host!, policyOf(fields)] as const;
    }),
  );

const { isValid, entriesOf } = entriesBy(
  '\n',
  /^(?:\*|[a-z0-9-]+(?:\.[a-z0-9-]+)+) (?:yes|no|weak) (?:direct|control)(?: \d{1,5}){4}$/,
);

export const mailboxPolicyTable = dataPart({
  name: 'mailbox-policies',
  builtIn: () => mailboxPolicies,
  // The row `*` has the policy for all other hosts, so it must exist.
  isValid: (text) => isValid(text) && tableOf(text).has('*'),
  entriesOf,
  build: tableOf,
});

/**
 * Returns the policy for a mail host (lower-case A-labels): the one for this name or, if the table has none, the one for its
 * nearest parent domain in the table.
 */
export function mailboxPolicy(host: string): MailboxPolicy {
  const table = mailboxPolicyTable.current();
  for (let start = 0; start !== -1; ) {
    const policy = table.get(host.slice(start));
    if (policy !== undefined) return policy;
    const dot = host.indexOf('.', start);
    start = dot === -1 ? -1 : dot + 1;
  }
  return table.get('*')!;
}

/**
 * The name under which sessions with a mail host are counted: its registrable domain, because the hosts of one operator
 * usually share their limits.
 */
export const hostGroup = (host: string): string => registrableDomain(host) ?? host;
