// Mailjet: the Event API. A request contains one event or an array of events.
//
// Secrets: `sharedSecrets`. Mailjet does not sign its requests. Configure the webhook as https://any:SECRET@host/…: Mailjet
// then sends SECRET as the password of HTTP Basic.
// https://dev.mailjet.com/email/guides/webhooks/

import {
  clicked,
  complaint,
  deferred,
  delivered,
  echo,
  failed,
  hard,
  type Meaning,
  meaningOf,
  opened,
  policy,
  refused,
  soft,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import {
  address,
  at,
  firstText,
  fromSeconds,
  isRecord,
  nested,
  parseJsonWithLongIntegers,
  text,
  textOf,
} from '../webhooks/json.ts';
import { sampleRecipient, secretSample } from '../webhooks/sample-request.ts';
import { verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const events: Readonly<Record<string, Meaning>> = {
  sent: delivered,
  open: opened,
  click: clicked,
  spam: complaint,
  unsub: unsubscribed,
};

/** Meanings of `bounce` events, keyed by the field `error`. Without the flag `hard_bounce`, a hard meaning counts as soft. */
const bounces: Readonly<Record<string, Meaning>> = {
  'user unknown': hard('mailbox_unknown'),
  'mailbox inactive': hard('mailbox_disabled'),
  'quota exceeded': soft('mailbox_full'),
  'invalid domain': hard('domain_unknown'),
  'no mail host': hard('domain_unknown'),
  'relay/access denied': policy('relay_denied'),
  blacklisted: policy('blocked_by_recipient'),
  'spam reporter': policy('blocked_by_recipient'),
  'sender blocked': policy('blocked_reputation'),
  'content blocked': policy('content_refused'),
  'policy issue': policy('policy_refused'),
  'system issue': soft('system_error'),
  'protocol issue': soft('protocol_error'),
  'connection issue': soft('network_error'),
  greylisted: soft('greylisted'),
  preblocked: echo,
  typofix: hard('domain_unknown'),
  'duplicate in campaign': failed,
  'bad or empty template': failed,
  'error in template language': failed,
};

/** What a failure of an unknown kind must be related to, so it can be the fault of the recipient. Older events do not say it. */
const recipientCauses = new Set([null, 'recipient', 'domain']);

/**
 * Meanings of `blocked` events, keyed by the field `error`. Mailjet did not attempt delivery. Any error that is missing here
 * has the meaning `echo`, since Mailjet blocks mail to addresses that have bounced before.
 */
const blocks: Readonly<Record<string, Meaning>> = {
  'sender blocked': refused('blocked_reputation'),
  'content blocked': refused('content_refused'),
  'policy issue': refused('unknown'),
  'duplicate in campaign': failed,
  'bad or empty template': failed,
  'error in template language': failed,
  typofix: { ...hard('domain_unknown'), kind: 'rejected' },
};

export const mailjet: EspAdapter = {
  name: 'mailjet',
  settings: ['SHARED_SECRETS'],
  sample: ({ sharedSecrets }, now) =>
    secretSample(sharedSecrets, [
      {
        event: 'bounce',
        time: Math.floor(now / 1000),
        email: sampleRecipient,
        hard_bounce: true,
        error_related_to: 'recipient',
        error: 'user unknown',
      },
    ]),
  verify: (request, { sharedSecrets }) => verifySharedSecret(request, sharedSecrets),
  parse(request): ParsedWebhook {
    const body = parseJsonWithLongIntegers(textOf(request.body));
    if (Array.isArray(body)) return { kind: 'reports', reports: body.map(report) };
    return isRecord(body) ? { kind: 'reports', reports: [report(body)] } : { kind: 'malformed' };
  },
};

function report(event: unknown): VendorReport {
  const word = text(at(event, 'event'));
  const error = text(at(event, 'error'));
  const recipient = address(at(event, 'email'));
  const messageId = firstText(at(event, 'Message_GUID'), at(event, 'MessageID'));
  const time = text(at(event, 'time'));
  return {
    key: [word, messageId, recipient, time, text(at(event, 'url')), error],
    label: [word, error].filter((part) => part !== null).join(' '),
    meaning: meaning(
      word,
      error,
      isTrue(at(event, 'hard_bounce')) && recipientCauses.has(text(at(event, 'error_related_to'))),
    ),
    recipient,
    at: fromSeconds(time),
    reply: firstText(at(event, 'smtp_reply'), at(event, 'comment')),
    note: null,
    messageId,
    // In an unsubscribe event, this is the contact list that the recipient left; 0 or blank if the mail was sent to no list.
    list: text(at(event, 'mj_list_id'))?.replace(/^0$/, '') || null,
    campaign: firstText(at(event, 'customcampaign'), at(event, 'mj_campaign_id')),
    source: text(at(nested(at(event, 'Payload')), 'source')),
    client: { userAgent: text(at(event, 'agent')) },
  };
}

/** Whether a flag is set. Mailjet sends flags as booleans, numbers or strings. */
const isTrue = (value: unknown): boolean => value === true || /^(true|1)$/i.test(text(value) ?? '');

function meaning(word: string | null, error: string | null, isHard: boolean): Meaning {
  if (word === 'blocked') return meaningOf(blocks, error, echo);
  if (word !== 'bounce') return meaningOf(events, word);
  const known = meaningOf(bounces, error, isHard ? hard('unknown') : soft('unknown'));
  if (isHard) return known;
  // Mailjet calls greylisting a bounce, but it will try again.
  if (known.reason === 'greylisted') return deferred('greylisted');
  return known.class === 'hard' ? soft(known.reason) : known;
}
