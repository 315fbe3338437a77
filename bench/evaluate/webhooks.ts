// Counts how many webhook payloads of a labeled file are read with the right class, recipient and suppression.
//
// The labels are event types and not bounce classes. So the right class is derived here, independently of the code that
// is measured: from the event type and the reason, and for an event `bounced` without a clear reason, also from the
// status and the vendor's words.

import { readFileSync } from 'node:fs';
import type { BounceClass } from '../../src/bounce/bounce.ts';
import { espAdapterNamed } from '../../src/esp/esp-registry.ts';
import { readWebhook } from '../../src/esp/receive-webhook.ts';
import type { DeliveryEvent } from '../../src/events/delivery-event.ts';
import { suppressesAtOnce } from '../../src/events/recipient-event.ts';
import type { WebhookRequest } from '../../src/webhooks/request.ts';

interface Label {
  readonly event_type?: string | null;
  readonly reject_reason?: string | null;
  readonly recipient?: string | null;
  readonly event_id?: string | null;
  readonly description?: string | null;
  readonly mta_response?: string | null;
}

interface Case extends Label {
  readonly provider: string;
  readonly payload: unknown;
  readonly events?: readonly Label[];
  readonly handler_not_called?: boolean;
  /** The event of Amazon SES inside the message of Amazon SNS. */
  readonly sns_inner?: {
    readonly mail?: { readonly destination?: readonly unknown[] };
    readonly complaint?: { readonly complainedRecipients?: readonly unknown[] };
  };
}

interface Expectation {
  /** The classes that are right. There are several if the label is not precise. */
  readonly classes: readonly BounceClass[];
  readonly suppress: boolean;
}

const is = (suppress: boolean, ...classes: readonly BounceClass[]): Expectation => ({ classes, suppress });

/**
 * Evaluates an NDJSON file of `provider`, `payload` and labels. A case is right if each of its labeled events has the
 * right class, the right suppression, and the labeled recipient, if there is one.
 */
export async function evaluate(
  file: string,
): Promise<{ misses: string[]; summary: { cases: number; right: number } }> {
  const cases = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Case);
  const misses: string[] = [];
  for (const [index, labelled] of cases.entries()) {
    const faults = await faultsOf(labelled);
    if (faults.length > 0) misses.push(`line ${index + 1} ${labelled.provider}: ${faults.join('; ')}`);
  }
  return { misses, summary: { cases: cases.length, right: cases.length - misses.length } };
}

async function faultsOf(labelled: Case): Promise<string[]> {
  const adapter = espAdapterNamed(labelled.provider);
  if (!adapter) return ['no adapter'];
  const outcome = await readWebhook(adapter, requestOf(labelled));
  const events = outcome.kind === 'events' ? outcome.events : [];
  if (labelled.handler_not_called)
    return events.some(suppressesAtOnce) ? ['suppresses although nothing happened'] : [];
  if (outcome.kind !== 'events') return [outcome.kind];
  const labels = labelled.events?.length ? labelled.events : [labelled];
  if (isAmbiguous(labelled)) {
    const faults = compare(events[0], { ...labels[0], recipient: null }, labelled.payload, null);
    return events.some(({ recipient }) => recipient !== null) ? [...faults, 'names somebody'] : faults;
  }
  return labels.flatMap((label, index) => {
    const inherited = { ...label, event_type: label.event_type ?? labelled.event_type ?? null };
    return compare(events[index], inherited, labelled.payload, index === 0 ? labelled.recipient : undefined);
  });
}

/**
 * Whether the payload does not say which of several recipients the event is about. The labels then name the first
 * recipient.
 */
function isAmbiguous({ provider, payload, event_type, sns_inner }: Case): boolean {
  if (provider === 'resend') {
    const { data } = payload as { data?: { to?: unknown } };
    return event_type !== 'sent' && Array.isArray(data?.to) && data.to.length > 1;
  }
  const { mail, complaint } = sns_inner ?? {};
  if (event_type === 'complained') return (complaint?.complainedRecipients?.length ?? 0) > 1;
  return (event_type === 'opened' || event_type === 'clicked') && (mail?.destination?.length ?? 0) > 1;
}

function compare(
  event: DeliveryEvent | undefined,
  label: Label,
  payload: unknown,
  recipientOfCase: string | null | undefined,
): string[] {
  if (!event) return ['an event is missing'];
  const expected = expectation(label, payload);
  const recipient = label.recipient ?? recipientOfCase;
  const faults: string[] = [];
  if (!expected.classes.includes(event.class))
    faults.push(
      `${label.event_type}/${label.reject_reason}: ${event.class} for ${expected.classes.join('|')}`,
    );
  if (recipient && event.recipient !== recipient) faults.push('another recipient');
  // An event without an address suppresses nothing, so only its class is compared.
  if (event.recipient !== null && suppressesAtOnce(event) !== expected.suppress)
    faults.push(expected.suppress ? 'does not suppress' : 'suppresses');
  return faults;
}

function expectation(label: Label, payload: unknown): Expectation {
  const reason = label.reject_reason ?? null;
  switch (label.event_type) {
    case 'complained':
      return is(true, 'complaint');
    case 'unsubscribed':
      return is(true, 'none');
    case 'autoresponded':
      return is(false, 'autoreply');
    case 'deferred':
      return is(false, 'soft', 'policy');
    case 'rejected':
      if (reason === 'bounced' || reason === 'spam' || reason === 'unsubscribed') return is(false, 'none');
      if (reason === 'invalid') return is(true, 'hard');
      return reason === 'timed_out' ? is(false, 'soft') : is(false, 'policy', 'none');
    case 'bounced':
      if (reason === 'invalid') return is(true, 'hard');
      if (reason === 'blocked') return is(false, 'policy', 'none');
      if (reason === 'spam') return is(false, 'policy');
      if (reason === 'unsubscribed') return is(false, 'none');
      if (reason === 'timed_out') return is(false, 'soft');
      return bounced(spaced(`${label.description ?? ''} ${label.mta_response ?? ''}`), vendorWords(payload));
    // The provider failed to send the message, or does not say what failed.
    case 'failed':
    case 'unknown':
      if (isListed(vendorWords(payload))) return is(true, 'none', 'hard', 'complaint');
      return is(false, 'none', 'soft');
    default:
      return is(false, 'none');
  }
}

/** Whether the provider put the recipient on its own suppression list. */
const isListed = (vendor: string): boolean =>
  /\b(blacklist|denylist)\b/.test(vendor) && /\b(add|change)\b/.test(vendor);

/** Replaces underscores by spaces, because vendors join the words of a code with underscores. */
const spaced = (words: string): string => words.replaceAll('_', ' ');

const nobodyThere =
  /(user|recipient|mailbox|address|domain|host) (is )?unknown|invalid (user|recipient|mailbox|address|domain)|unknown (user|recipient|mailbox|address)|not exist|not found|no such|mailbox unavailable|(no|find) MX/i;

function bounced(words: string, vendor: string): Expectation {
  if (/suppress|previously/i.test(`${words} ${vendor}`)) return is(false, 'none');
  const status = /\b([45])\.(\d{1,3})\.(\d{1,3})\b/.exec(words);
  const [, kind, subject, detail] = status ?? [];
  if (subject === '2' && detail === '2') return is(false, 'soft');
  if (subject === '7') return is(false, 'policy', 'soft');
  if (kind === '4') return is(false, 'soft', 'policy');
  if (subject === '1' || (subject === '2' && detail === '1')) return is(true, 'hard');
  if (nobodyThere.test(`${words} ${vendor}`)) return is(true, 'hard');
  if (/block|denied|spam|content/i.test(vendor)) return is(false, 'policy', 'soft');
  if (/soft|transient|temporary|undetermined|full|quota/i.test(`${words} ${vendor}`))
    return is(false, 'soft');
  return /hard|permanent/i.test(`${words} ${vendor}`) ? is(true, 'hard') : is(false, 'soft');
}

const wordFields = new Set([
  'event',
  'type',
  'Type',
  'status',
  'severity',
  'reason',
  'error',
  'bounceType',
  'bounceSubType',
  'bounce_category',
  'SuppressionReason',
  'action',
  'message',
]);

/** Returns the values of the fields that say what kind of event it is, from any depth of the payload. */
function vendorWords(payload: unknown): string {
  const words: string[] = [];
  JSON.stringify(payload, (key, value) => {
    if (wordFields.has(key) && typeof value === 'string') words.push(value);
    if (key === 'hard_bounce' && /^(true|1)$/i.test(String(value))) words.push('hard');
    return key === 'Message' && typeof value === 'string' && value.startsWith('{')
      ? JSON.parse(value)
      : value;
  });
  return spaced(words.join(' '));
}

/** Returns a request with the payload in the format in which the provider sends it. */
function requestOf({ provider, payload, events }: Case): WebhookRequest {
  const isForm =
    provider === 'mandrill' || (provider === 'mailgun' && !Object.hasOwn(payload as object, 'event-data'));
  const body = isForm ? form(payload as Record<string, unknown>) : JSON.stringify(wrapped(provider, payload));
  const headers = new Headers({
    'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
  });
  if (provider === 'resend') headers.set('svix-id', events?.[0]?.event_id ?? 'msg');
  return { body: new TextEncoder().encode(body), headers, now: 0 };
}

function form(fields: Record<string, unknown>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    const repeated = Array.isArray(value) && value.every((entry) => typeof entry === 'string');
    for (const entry of repeated ? value : [value])
      search.append(name, typeof entry === 'string' ? entry : JSON.stringify(entry));
  }
  return search.toString();
}

/**
 * Puts an event of UniSender Go into the structure in which the provider sends it. The file has the event as a flat
 * object.
 */
function wrapped(provider: string, payload: unknown): unknown {
  if (provider !== 'unisender_go' || Object.hasOwn(payload as object, 'events_by_user')) return payload;
  const { event_name, auth, ...event_data } = payload as Record<string, unknown>;
  return { auth, events_by_user: [{ events: [{ event_name, event_data }] }] };
}
