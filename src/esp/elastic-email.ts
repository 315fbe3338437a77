// Elastic Email: one event per request. It sends a GET request with the event in the query, and no body.
//
// Secrets: `sharedSecrets`. Elastic Email does not sign its requests and sends no header that the operator chooses. The secret is
// therefore in the query of the URL, `?secret=…`, unless a proxy in front of presend moves it into a header.
// https://help.elasticemail.com/en/articles/4804685-notification-settings
// https://help.elasticemail.com/en/articles/2300650-what-are-the-bounce-error-categories-and-filters

import {
  clicked,
  complaint,
  delivered,
  echo,
  failed,
  hard,
  type Meaning,
  meaningOf,
  opened,
  policy,
  soft,
  unsubscribed,
} from '../events/meaning.ts';
import type { VendorReport } from '../events/vendor-event.ts';
import { isOneOf } from '../webhooks/crypto.ts';
import { parseForm } from '../webhooks/form.ts';
import { address, at, fromIso, text } from '../webhooks/json.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import { sampleRecipient } from '../webhooks/sample-request.ts';
import { refuse, type Verification, verified, verifySharedSecret } from '../webhooks/verification.ts';
import type { EspAdapter, ParsedWebhook } from './esp-adapter.ts';

const statuses: Readonly<Record<string, Meaning>> = {
  // The states of a message are ReadyToSend, Sending, WaitingToRetry, and in the end Error or Sent: the receiving server took it.
  sent: delivered,
  success: delivered,
  opened,
  clicked,
  unsubscribed,
  abusereport: complaint,
};

/** Meanings of the status Error, keyed by `category` in lower case. Elastic Email has given up: it tries for up to 48 hours. */
const errors: Readonly<Record<string, Meaning>> = {
  nomailbox: hard('mailbox_unknown'),
  spam: policy('spam_content'),
  blacklisted: policy('blocked_reputation'),
  spfproblem: policy('authentication_failed'),
  whitelistingproblem: policy('policy_refused'),
  contentfilter: policy('spam_content'),
  greylisted: soft('greylisted'),
  throttled: soft('rate_limited'),
  timeout: soft('network_error'),
  connectionproblem: soft('network_error'),
  connectionterminated: soft('network_error'),
  // "Does not exist or could not be resolved".
  dnsproblem: soft('network_error'),
  // "Full or inactive".
  accountproblem: soft('mailbox_full'),
  codeerror: failed,
  manualcancel: failed,
  ignore: failed,
  // The address is blocked on the account, because it bounced, complained or unsubscribed.
  notdelivered: echo,
  notdeliveredcancelled: echo,
};

export const elasticEmail: EspAdapter = {
  name: 'elastic_email',
  settings: ['SHARED_SECRETS'],
  maxBytes: 64 * 1024,
  readsQuery: true,

  sample({ sharedSecrets }, now) {
    const [secret] = sharedSecrets ?? [];
    const fields = {
      to: sampleRecipient,
      date: new Date(now).toISOString(),
      status: 'Error',
      category: 'NoMailbox',
      messageid: `sample-${now}`,
      ...(secret && { secret }),
    };
    return {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
      isSigned: Boolean(secret),
    };
  },

  async verify(request, { sharedSecrets = [] }): Promise<Verification> {
    const byHeader = await verifySharedSecret(request, sharedSecrets);
    if (byHeader.kind !== 'refused' || byHeader.why !== 'credentials_missing') return byHeader;
    const offered = text(at(fieldsOf(request), 'secret'));
    if (offered === null) return byHeader;
    return (await isOneOf(sharedSecrets, offered)) ? verified : refuse('credentials_wrong');
  },

  parse(request): ParsedWebhook {
    const fields = fieldsOf(request);
    return text(at(fields, 'status')) === null
      ? { kind: 'malformed' }
      : { kind: 'reports', reports: [report(fields)] };
  },
};

const fieldsOf = ({ body }: WebhookRequest): object => Object.fromEntries(parseForm(body) ?? []);

function report(fields: object): VendorReport {
  const status = text(at(fields, 'status'));
  const category = text(at(fields, 'category'));
  const word = status?.toLowerCase() ?? null;
  const isError = word === 'error';
  const recipient = address(at(fields, 'to'));
  const time = text(at(fields, 'date'));
  const messageId = text(at(fields, 'messageid')) ?? text(at(fields, 'transaction'));
  return {
    key: [word, category, messageId, recipient, time, text(at(fields, 'target'))],
    label: [status, isError ? category : null].filter((part) => part !== null).join(' '),
    meaning: isError
      ? meaningOf(errors, category?.toLowerCase() ?? null, soft('unknown'))
      : meaningOf(statuses, word),
    recipient,
    at: fromIso(time),
    reply: null,
    note: isError ? category : null,
    messageId,
    campaign: text(at(fields, 'channel')),
    source: null,
  };
}
