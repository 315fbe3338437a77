// The sentences of incidents: what happened, what it means and what to do.

import { groupedCount as count } from '../../number-text.ts';
import type { CommonCause } from '../advice.ts';
import { percent } from '../spikes.ts';
import type { IncidentEvidence, IncidentKind, IncidentScope } from './incident.ts';

export interface IncidentText {
  readonly kind: IncidentKind;
  readonly scope: IncidentScope;
  readonly evidence: IncidentEvidence;
  /** Null for complaints. */
  readonly common: CommonCause | null;
  /** Length of the counted time. */
  readonly hours: number;
  /** Whether the failures are deferrals. */
  readonly areDeferred: boolean;
}

export function explanationOf({ kind, scope, evidence, common, hours, areDeferred }: IncidentText): string {
  const { messages, providers } = evidence;
  const provider = scope.provider ?? 'one provider';
  const codes = common?.status ? ` with the status ${common.status}` : '';
  const many = namesOf(providers.map(({ name }) => name));
  const rose = ratesOf(evidence);
  const when = hours >= 48 ? `in the last ${Math.round(hours / 24)} days` : `in the last ${hours} hours`;
  switch (kind) {
    case 'provider_block':
      return `${provider} ${areDeferred ? 'deferred' : 'refused'} ${count(messages)} messages${codes} ${when}${rose}${areDeferred ? ', because it does not trust your mail' : ''}. Other providers accept your mail, and the addresses are not the cause.`;
    case 'sender_block':
      return `${blockersOf(providers, areDeferred ? 'defer' : 'refuse')} your mail${codes}: ${count(messages)} messages ${when}${rose}, at ${many}. The addresses are not the cause.`;
    case 'authentication':
      return `${scope.provider === undefined ? 'Providers refuse' : `${provider} refuses`} your mail because its authentication fails${codes && `,${codes}`}: ${count(messages)} messages ${when}${rose}${scope.provider === undefined ? `, at ${many}` : ''}. The addresses are not the cause.`;
    case 'soft_rise':
      return `Temporary failures rise at ${many}: ${count(messages)} messages ${when}${rose}. If several providers do this at once, the usual cause is that your reputation as a sender declines, or that the network of your mail server has a problem.`;
    case 'provider_outage':
      return `${provider} did not accept ${count(messages)} messages for now${codes} ${when}${rose}. Mail to other providers is as usual. These temporary failures do not mean that the addresses are invalid.`;
    case 'rate_limited':
      return `${scope.provider ?? many} limits how fast you may send${codes}: ${count(messages)} deferrals and soft bounces ${when}${rose}.`;
    case 'sending_bursts':
      return `You send most of your mail in a few hours of the day, and most deferrals happen in these hours: ${count(messages)} ${when}${rose}. In other hours, providers accept your mail at once.`;
    case 'mailboxes_full':
      return `More mailboxes are full than usual${scope.provider === undefined ? '' : ` at ${provider}`}: ${count(messages)} messages ${when}${rose}.`;
    case 'bad_import':
      return `${count(messages)} addresses ${originOf(scope)} bounced hard${codes} ${when}${rose}. ${Object.keys(scope).length === 0 ? 'No single provider refused them all, so these addresses are the cause.' : 'The rest of your mail is as usual, so these addresses are the cause.'}`;
    case 'list_decay':
      return `More addresses than before do not exist: ${count(messages)} hard bounces ${Object.keys(scope).length === 0 ? '' : `${originOf(scope)} `}${when}${rose}, ${Object.keys(scope).length === 0 ? 'from several sources and at several providers. The list is out of date' : 'at several providers. These addresses are out of date'}.`;
    case 'provider_fault':
      return `${provider} refused ${count(messages)} messages${codes} as if the mailboxes did not exist ${when}${rose}. Mail to other providers bounces no more than usual. So many mailboxes rarely disappear at once: the provider probably has a fault.`;
    case 'complaints':
      return `${count(messages)} recipients${scope.campaign === undefined ? '' : ` of the campaign ${scope.campaign}`} reported your mail as spam ${when}${rose}.`;
    case 'sender_dns':
      return `The DNS of ${scope.domain ?? 'your domain'} changed.`;
  }
}

const fixedAdvice: Readonly<Record<IncidentKind, string | null>> = {
  provider_block: null,
  sender_block: null,
  authentication: null,
  soft_rise:
    'Send less for some days, first to the people who read your mail. Check whether the IP addresses of your mail server are on blocklists, and whether its network connection works.',
  provider_outage: 'Keep retrying for one to three days. Do not suppress these addresses.',
  rate_limited:
    'Send more slowly to these providers: open fewer connections, and send to fewer recipients in each connection. Increase the rate again in small steps.',
  sending_bursts: 'Spread your mail over the hour and over the day, and avoid full hours such as 09:00.',
  mailboxes_full:
    'Try again two or three times over some days, then stop sending to mailboxes that stay full. If the share of full mailboxes keeps rising, the list is too old: remove people who no longer read your mail.',
  bad_import:
    'Stop sending to these addresses. Validate them before you mail any of them again. Where they are collected, ask people to confirm their address (double opt-in).',
  list_decay:
    'Validate the whole list before the next campaign, and remove addresses that have not been active for 6 to 12 months.',
  provider_fault:
    "Check the provider's status page before you trust these bounces. If the provider has a fault, remove these bounces from the suppression list with POST /v1/suppressions/lift.",
  complaints:
    'Mail only people who opted in, and add one-click unsubscribe (RFC 8058). Google and Yahoo ask for a complaint rate below 0.1%, and may block senders at 0.3% or more.',
  sender_dns:
    'GET /v1/preflights shows the faults and the DNS records to publish. Publish them, or undo the DNS change.',
};

const authenticationAdvice =
  'Check the SPF, DKIM and DMARC records of your domain, and the PTR records of the IP addresses that you send from.';

export function adviceFor({ kind, common }: IncidentText): string {
  const fixed = fixedAdvice[kind];
  if (fixed !== null) return fixed;
  const pause = 'Pause mail to these providers until the cause is fixed.';
  if (kind === 'authentication') return `${common?.advice ?? ''} ${authenticationAdvice} ${pause}`.trim();
  return common === null ? pause : `${common.advice} ${pause}`;
}

function originOf({ source, campaign, list }: IncidentScope): string {
  const origins = [
    source === undefined ? '' : `from the source ${source}`,
    list === undefined ? '' : `of the list ${list}`,
    campaign === undefined ? '' : `in the campaign ${campaign}`,
  ].filter((text) => text !== '');
  return origins.length === 0 ? 'of your mail' : origins.join(' ');
}

/** The first words about a block at several providers. At its end one provider may be left. */
function blockersOf(providers: IncidentEvidence['providers'], verb: string): string {
  if (providers.length === 1) return `${providers[0]!.name ?? 'A smaller provider'} still ${verb}s`;
  return `${providers.length === 2 ? 'Two' : 'Many'} providers ${verb}`;
}

function ratesOf({ rate, rateBefore }: IncidentEvidence): string {
  if (rate === null) return ', far more than usual';
  const shown = Math.min(rate, 1);
  return `, ${percent(shown)} of the mail${rateBefore === null ? '' : ` (before: ${percent(rateBefore)})`}`;
}

function namesOf(names: readonly (string | null)[]): string {
  const known = names.map((name) => name ?? 'other domains');
  if (known.length === 0) return 'several providers';
  if (known.length > 4) return `${known.slice(0, 3).join(', ')} and ${known.length - 3} more providers`;
  return known.length === 1 ? known[0]! : `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`;
}
