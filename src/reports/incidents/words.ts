// The sentences of incidents: what happened, what it means and what to do.

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
}

export function explanationOf({ kind, scope, evidence, common, hours }: IncidentText): string {
  const { messages, providers } = evidence;
  const provider = scope.provider ?? 'one provider';
  const codes = common?.status ? ` with the status ${common.status}` : '';
  const many = namesOf(providers.map(({ name }) => name));
  const rose = ratesOf(evidence);
  const when = hours >= 48 ? `in the last ${Math.round(hours / 24)} days` : `in the last ${hours} hours`;
  switch (kind) {
    case 'provider_block':
      return `${provider} refused ${count(messages)} messages${codes} ${when}${rose}. Other providers accept your mail, and the addresses are not the cause.`;
    case 'sender_block':
      return `Many providers refuse your mail${codes}: ${count(messages)} messages ${when}${rose}, at ${many}. The addresses are not the cause.`;
    case 'authentication':
      return `${scope.provider === undefined ? 'Providers refuse' : `${provider} refuses`} your mail because its authentication fails${codes && `,${codes}`}: ${count(messages)} messages ${when}${rose}${scope.provider === undefined ? `, at ${many}` : ''}. The addresses are not the cause.`;
    case 'soft_rise':
      return `Temporary failures rise at ${many}: ${count(messages)} messages ${when}${rose}. If several providers do this at once, the reputation of the sender usually declines, or the sending network has a problem.`;
    case 'provider_outage':
      return `${provider} fails temporarily${codes}: ${count(messages)} messages ${when}${rose}. Other providers are as usual. These addresses are not invalid.`;
    case 'rate_limited':
      return `${scope.provider ?? many} limits how fast you may send${codes}: ${count(messages)} deferrals and soft bounces ${when}${rose}.`;
    case 'sending_bursts':
      return `Most deferrals happen in the few hours of the day in which you send most of your mail: ${count(messages)} ${when}${rose}. In other hours, providers accept your mail at once.`;
    case 'mailboxes_full':
      return `More mailboxes are full than usual${scope.provider === undefined ? '' : ` at ${provider}`}: ${count(messages)} messages ${when}${rose}.`;
    case 'bad_import':
      return `${count(messages)} addresses ${originOf(scope)} bounced hard${codes} ${when}${rose}. ${Object.keys(scope).length === 0 ? 'No single provider is the cause: these addresses are.' : 'The rest of your mail is as usual, so these addresses are the cause.'}`;
    case 'list_decay':
      return `More addresses than before do not exist: ${count(messages)} hard bounces ${when}${rose}, from several sources and at several providers. The list is out of date.`;
    case 'provider_fault':
      return `${provider} refused ${count(messages)} messages${codes} as if the mailboxes did not exist ${when}${rose}. Other providers are as usual. So many mailboxes rarely disappear at once: the provider probably has a fault.`;
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
    'Send less for some days, first to the people who read your mail, and check your sending addresses on blocklists. Check the network of your mail server too.',
  provider_outage: 'Keep retrying for one to three days. Do not suppress these addresses.',
  rate_limited:
    'Send more slowly to these providers, with fewer connections and recipients per connection. Increase the rate again in small steps.',
  sending_bursts: 'Spread your mail over the hour and over the day, and avoid full hours such as 09:00.',
  mailboxes_full:
    'Try again two or three times over some days, then stop sending to mailboxes that stay full. If the share keeps rising, the list is aging.',
  bad_import:
    'Stop sending to addresses of this origin. Validate them before you mail any of them again, and require confirmation (double opt-in) where they are collected.',
  list_decay:
    'Validate the whole list before the next campaign, and remove addresses that have not been active for 6 to 12 months.',
  provider_fault:
    "Check the provider's status page before you trust these bounces. If the provider has a fault, lift the suppressions with POST /v1/suppressions/lift.",
  complaints:
    'Mail only people who opted in, and add one-click unsubscribe (RFC 8058). Google and Yahoo ask for a complaint rate below 0.1%, and may block senders that reach 0.3%.',
  sender_dns: 'Publish the record that GET /v1/preflights names, or take the change back.',
};

const authenticationAdvice =
  'Check the SPF, DKIM and DMARC records of your domain, and the PTR records of your sending addresses.';

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

const count = (messages: number): string => messages.toLocaleString('en-US');
