// Turns a verdict into sentences for a person: one line for each check, the expected bounce, and what to do.

import type { ShownMailHost, ShownVerdict } from './verdict-answer.ts';

/** The result of one check. `none`: it was not made, or gave no answer. */
export type State = 'good' | 'doubtful' | 'bad' | 'none';

export interface CheckLine {
  readonly check: string;
  readonly state: State;
  readonly text: string;
}

export const resultTitles: Readonly<Record<ShownVerdict['result'], string>> = {
  deliverable: 'Deliverable',
  risky: 'Risky',
  undeliverable: 'Undeliverable',
  unknown: 'Unknown',
};

export const actionTexts: Readonly<Record<ShownVerdict['action'], string>> = {
  accept: 'Accept the address.',
  confirm: 'Ask the person whether the address is right. Never correct it without asking.',
  reject: 'Reject the address.',
  retry: 'Accept the address for now, and check it again before you send.',
};

const statusMeanings: Readonly<Record<string, string>> = {
  '5.1.1': 'no such mailbox',
  '5.1.2': 'no such mail domain',
  '5.1.3': 'not an address',
  '5.1.10': 'the domain accepts no mail',
  '5.4.4': 'no route to the mail server',
  '4.4.1': 'no answer from the mail server',
  '4.4.3': 'DNS failed',
};

const percent = (share: number): string => String(Math.round(share * 1000) / 10);

/** A sentence about the expected bounce, with its status code. */
export function bounceText({ bounce, result }: ShownVerdict): string {
  const would = result === 'undeliverable' ? 'would' : 'may';
  const meaning = bounce.status === null ? undefined : statusMeanings[bounce.status];
  const status =
    bounce.status === null ? '' : ` with status ${bounce.status}${meaning ? ` (${meaning})` : ''}`;
  if (bounce.class === 'hard') return `Mail to this address ${would} hard-bounce${status}.`;
  if (bounce.class === 'soft') return `Mail to this address ${would} be delayed and retried${status}.`;
  return 'No bounce is expected.';
}

export const likelihoodText = ({ bounce: { probability, low, high } }: ShownVerdict): string =>
  `${percent(probability)}% of messages to such addresses hard-bounce (90% interval: ${percent(low)}% to ${percent(high)}%).`;

/**
 * Returns one line for each check. `publishable` says that the verdict was requested with a publishable key. For such a
 * request the service does not look at the suppression list.
 */
export function explain(verdict: ShownVerdict, { publishable }: { publishable: boolean }): CheckLine[] {
  const { syntax, mail_host, provider, free } = verdict;
  if (syntax !== null)
    return [
      {
        check: 'Syntax',
        state: 'bad',
        text: `${sentence(syntax.message)} (Character ${syntax.position + 1})`,
      },
      ...(verdict.did_you_mean === null ? [] : [spelling(verdict)]),
      { check: 'Other checks', state: 'none', text: 'Not checked, because the text is not an address.' },
    ];
  return [
    grammar(verdict),
    spelling(verdict),
    { check: 'DNS', ...dns(mail_host, verdict.signals.includes('special_use_domain')) },
    ...(provider === null
      ? []
      : [{ check: 'Provider', state: 'good' as const, text: `${provider}${free ? ', free mail' : ''}.` }]),
    kind(verdict),
    verdict.role
      ? {
          check: 'Role',
          state: 'doubtful',
          text: `“${verdict.user}” is a role account: it belongs to a role such as sales or support, not to one person.`,
        }
      : {
          check: 'Role',
          state: 'good',
          text: 'The address does not belong to a known role such as info@ or abuse@.',
        },
    ...(verdict.signals.includes('denied_domain')
      ? [{ check: 'Your list', state: 'bad' as const, text: 'The domain is on your deny list.' }]
      : []),
    suppression(verdict, publishable),
  ];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

function grammar({ user, domain, plus_tag, smtputf8 }: ShownVerdict): CheckLine {
  const text = [
    `presend accepts the syntax: mailbox “${user}”, domain “${domain}”.`,
    plus_tag === null ? '' : `“${plus_tag}” is a tag that the owner added.`,
    smtputf8 ? 'Only mail servers that support SMTPUTF8 can deliver to this address.' : '',
  ];
  return { check: 'Syntax', state: smtputf8 ? 'doubtful' : 'good', text: text.filter(Boolean).join(' ') };
}

function spelling({ signals, result, did_you_mean, domain }: ShownVerdict): CheckLine {
  const meant = did_you_mean?.slice(did_you_mean.lastIndexOf('@') + 1);
  if (signals.includes('domain_typo')) {
    const state = result === 'undeliverable' ? 'bad' : 'doubtful';
    return { check: 'Spelling', state, text: `“${domain}” looks like a misspelling of “${meant}”.` };
  }
  if (signals.includes('confusable_domain')) {
    const text = 'Look-alike characters imitate a well-known domain.';
    return { check: 'Spelling', state: 'doubtful', text };
  }
  if (did_you_mean !== null)
    return { check: 'Spelling', state: 'doubtful', text: `Did the person mean “${did_you_mean}”?` };
  return {
    check: 'Spelling',
    state: 'good',
    text: 'The domain does not look like a misspelling of a well-known domain.',
  };
}

const causes = {
  timeout: 'DNS did not answer in time',
  servfail: 'The DNS lookup of the domain failed (SERVFAIL)',
  refused: 'The DNS resolver, or a name server that it asked, refused to answer',
  network: 'No DNS resolver gave a valid answer',
  unconfirmed: 'A DNS resolver reported a problem, and no other confirmed it',
} as const;

const names = (exchanges: readonly { readonly host: string }[]): string => {
  const shown = exchanges.slice(0, 3).map(({ host }) => host);
  const more = exchanges.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
};

function dns(host: ShownMailHost, reserved: boolean): Omit<CheckLine, 'check'> {
  if (reserved)
    return {
      state: 'bad',
      text: 'Not looked up, because this domain cannot receive mail from the internet.',
    };
  switch (host.kind) {
    case 'mx':
      return { state: 'good', text: `Mail goes to ${names(host.exchanges)}.` };
    case 'implicit_mx':
      return {
        state: 'doubtful',
        text: `The domain has no MX record, so mail would go to its own IP address (${host.via} record).`,
      };
    case 'null_mx':
      return { state: 'bad', text: 'The domain declares that it accepts no mail (null MX, RFC 7505).' };
    case 'no_mail_host':
      return {
        state: 'bad',
        text: 'The domain exists, but it has neither an MX record nor an address record.',
      };
    case 'nxdomain':
      return { state: 'bad', text: 'The domain does not exist (NXDOMAIN).' };
    case 'unroutable':
      return {
        state: 'bad',
        text: `The mail servers cannot be reached from the internet: ${names(host.exchanges)}.`,
      };
    case 'undetermined':
      return host.cause === 'not_checked'
        ? { state: 'none', text: 'Not looked up.' }
        : { state: 'none', text: `${causes[host.cause]}. That says nothing about the mailbox.` };
  }
}

function kind({ signals, disposable, relay }: ShownVerdict): CheckLine {
  const check = 'Disposable';
  if (signals.includes('disposable_mail_host'))
    return { check, state: 'doubtful', text: 'The mail server belongs to a disposable-mail service.' };
  if (disposable)
    return { check, state: 'doubtful', text: 'The domain belongs to a disposable-mail service.' };
  if (signals.includes('parked_domain'))
    return { check, state: 'doubtful', text: 'The domain is parked: probably nobody reads mail there.' };
  if (relay)
    return {
      check,
      state: 'good',
      text: 'The address is a privacy alias, which forwards mail to a real person.',
    };
  return { check, state: 'good', text: 'The domain does not belong to a known disposable-mail service.' };
}

function suppression({ reason, signals, bounce }: ShownVerdict, publishable: boolean): CheckLine {
  const check = 'Suppression';
  if (reason === 'suppressed') {
    const text =
      bounce.class === null
        ? 'The address is on your suppression list because of a complaint, an unsubscribe or a manual entry.'
        : 'The address is on your suppression list because mail to it bounced before.';
    return { check, state: 'bad', text };
  }
  if (signals.includes('suppression_undetermined'))
    return { check, state: 'none', text: 'The suppression list could not be checked right now.' };
  if (publishable)
    return {
      check,
      state: 'none',
      text: 'Not checked, because a publishable key has no access to the suppression list.',
    };
  return {
    check,
    state: 'good',
    text: 'The address is not on your suppression list for all mail or for marketing mail.',
  };
}
