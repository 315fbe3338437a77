// Why a row of a provider's suppression list stops mail, from its words, its reply and its columns. Pure functions.

import { classifyReply } from '../bounce/classify.ts';
import { parseWrittenDate } from '../written-dates.ts';
import { type ImportColumn, normalizedName } from './import-columns.ts';
import { defaultScope, type SuppressionReason, type SuppressionScope } from './scope.ts';

export type RowReason =
  | { readonly kind: 'reason'; readonly reason: SuppressionReason; readonly scope: SuppressionScope }
  /** `message` is one English sentence that says what is wrong. It does not contain the address. */
  | { readonly kind: 'error'; readonly column: ImportColumn; readonly message: string };

/** The words for each reason in exports, with a space between two words. Each is normalized (`normalizedName`). */
const reasonWords: Readonly<Record<SuppressionReason, string>> = {
  bounce: `bounce bounced hard hardbounce hardbounced hardbounces permanent permanentbounce permanentfailure bouncerule invalid
    invalidemail invalidemailaddress invalidaddress invalidrecipient bademailaddress nonexistent unknownuser userunknown
    mailboxnotfound undeliverable cleaned`,
  complaint: `complaint complaints complained spam spamcomplaint spamcomplaints spamreport spamreported markedasspam
    markedemailasspam reportedasspam contactflaggedasspam abuse abusecomplaint abusereport feedbackloop`,
  unsubscribe: `unsubscribe unsubscribes unsubscribed unsub unsubscribelink listunsubscribe globalunsubscribe groupunsubscribe
    unsubscribedviaemail unsubscribedviama unsubscribedviaapi unsubscribedbyuser optout optedout donotcontact donotemail
    désinscrit désabonné abgemeldet abbestellt disiscritto descadastrado desuscrito afgemeld wypisany отписан отписался`,
  manual: 'manual manualsuppression manuallyadded usersuppressed adminblocked admin custom compliance',
};

const reasonNames = new Map(
  Object.entries(reasonWords).flatMap(([reason, words]) =>
    words.split(/\s+/).map((word) => [word, reason as SuppressionReason] as const),
  ),
);

/** The words for a failure that is only temporary, or not about the address. A row with one of them is not imported. */
const softWords = new Set([
  'soft',
  'softbounce',
  'softbounced',
  'softbounces',
  'transient',
  'transientbounce',
  'temporary',
  'undetermined',
  'deferred',
]);
const blockWords = new Set(['blocked', 'block', 'blocks']);

/** The words of contacts that may be mailed. An export of all contacts has them beside the unsubscribed ones. */
const mailableWords = new Set(
  'active subscribed resubscribed confirmed delivered deliverable valid verified ok optin optedin doubleoptin enabled sent opened clicked'.split(
    ' ',
  ),
);

/** The words of providers for what is no bounce of the address, and of contacts who never subscribed. */
const otherWords = new Set(
  `autoresponder autoresponse autoreply vacation outofoffice addresschange dnserror spamnotification openrelaytest
  virusnotification challengeverification unconfirmed nonsubscribed notsubscribed neversubscribed transactionalonly smtpapierror inbounderror
  dmarcpolicy templaterenderingfailed expired delayed`.split(/\s+/),
);

const yes = /^(?:true|yes|y|1|x|on|oui|ja|sí|si|sim|да|はい|是)$/i;
const no = /^(?:false|no|n|0|off|non|nein|não|nee|нет|いいえ|否)$/i;

const softBounce = 'The bounce is temporary (soft). Such bounces do not suppress an address.';
const blockedMail =
  'The message was blocked. This says nothing about the address, so presend does not suppress it.';
const policyBounce =
  'The bounce is about the sender or the message, as 5.7.x is. Such bounces do not suppress an address.';
const mailable = 'The row says that the address may be mailed, so presend does not suppress it.';
const noReason = 'presend does not know this reason. Use bounce, complaint, unsubscribe or manual.';
const missingReason =
  'The row has no reason that presend knows, such as bounce or complaint. Set a reason for such rows with --reason, or with ?reason= in the API.';

const decided = (reason: SuppressionReason, scope: SuppressionScope = defaultScope(reason)): RowReason => ({
  kind: 'reason',
  reason,
  scope,
});

const refused = (message: string): RowReason => ({ kind: 'error', column: 'reason', message });

/**
 * The reason of a row whose cells are given by `text`. `status`: the enhanced status in the row. `reasonOfFile`: the reason of rows
 * that say nothing else.
 */
export function reasonOf(
  text: (column: ImportColumn) => string,
  status: string | null,
  reasonOfFile: SuppressionReason | undefined,
): RowReason {
  const written = normalizedName(text('reason'));
  const kind = normalizedName(text('kind'));
  const named = written === '' && isKnown(kind) ? kind : written;
  const origin = normalizedName(text('origin'));

  // In SparkPost's export, `type` says which mail is stopped, and `source` says why.
  if (named === 'nontransactional' || named === 'transactional') {
    const reason = reasonNames.get(origin);
    if (reason === undefined) return refused(noReason);
    const entry = decided(reason, named === 'transactional' ? 'all' : 'marketing');
    return reason === 'bounce' ? (refusalByReply(text, status) ?? entry) : entry;
  }
  // In Postmark's export, ManualSuppression with the origin Recipient means that the recipient used an unsubscribe link.
  if (named === 'manualsuppression' && origin === 'recipient') return decided('unsubscribe');

  const word = named === '' ? normalizedName(text('status')) : named;
  const known = reasonNames.get(word);
  if (known !== undefined)
    return known === 'bounce' ? (refusalByReply(text, status) ?? decided(known)) : decided(known);
  if (otherWords.has(word)) return refused(noReason);
  if (named === '' && text('code') === '') {
    const byColumn = reasonByColumn(text);
    if (byColumn !== null) return byColumn;
    if (mailableWords.has(word)) return refused(mailable);
    // This is examined before the enhanced status code, because that code is only about bounces.
    if (reasonOfFile !== undefined && reasonOfFile !== 'bounce') return decided(reasonOfFile);
  }
  if (mailableWords.has(word)) return refused(mailable);
  if (softWords.has(word)) return refused(softBounce);
  if (blockWords.has(word)) return refused(blockedMail);

  // SendGrid writes the SMTP reply into the column of the reason. Mailgun's export of bounces has no reason, but a column
  // `code` with the code of the SMTP reply.
  const reply = replyCodeIn(text);
  if (reply !== '' || status !== null) {
    const permanent = !reply.startsWith('4') && (status === null || status.startsWith('5'));
    if (!permanent) return refused(softBounce);
    return status?.startsWith('5.7.')
      ? refused(policyBounce)
      : (refusalByReply(text, status) ?? decided('bounce'));
  }
  // SendGrid's invalid addresses: "Mail domain mentioned in email address is unknown".
  const isBounces = reasonOfFile === undefined || reasonOfFile === 'bounce';
  const words = text('reason') || text('error');
  if (isBounces && words !== '' && words.length <= longestReply && classifyReply(words).class === 'hard')
    return decided('bounce');
  if (no.test(text('opted_out')) || no.test(text('bounced'))) return refused(mailable);
  if (named !== '') return refused(noReason);
  return reasonOfFile === undefined
    ? refused(missingReason)
    : (refusalByReply(text, status) ?? decided(reasonOfFile));
}

const isKnown = (word: string): boolean =>
  reasonNames.has(word) ||
  softWords.has(word) ||
  blockWords.has(word) ||
  otherWords.has(word) ||
  mailableWords.has(word) ||
  word === 'transactional' ||
  word === 'nontransactional';

const latest = { latest: Number.POSITIVE_INFINITY };

/** Whether a cell is a word that says why mail is stopped, or why it is not. */
export const isReasonWord = (cell: string): boolean => isKnown(normalizedName(cell));

/** What the columns say in which only some rows have a date or a yes. Null if they say nothing. */
function reasonByColumn(text: (column: ImportColumn) => string): RowReason | null {
  if (text('unsubscribed_at') !== '') return decided('unsubscribe');
  if (text('cleaned_at') !== '') return decided('bounce');
  const [optedOut, bounced] = [text('opted_out'), text('bounced')];
  if (yes.test(bounced)) return decided('bounce');
  if (yes.test(optedOut) || (optedOut !== '' && parseWrittenDate(optedOut, latest) !== null))
    return decided('unsubscribe');
  // Who did not unsubscribe may have bounced.
  const isMailable = (no.test(optedOut) || no.test(bounced)) && text('error') === '';
  return isMailable ? refused(mailable) : null;
}

const replyCodeIn = (text: (column: ImportColumn) => string): string =>
  /^[245]\d\d(?=$|[\s-])/.exec(text('reason'))?.[0] ?? text('code');

/** Maximum length of a reply that is classified. */
const longestReply = 4096;

/**
 * The error if the reply in a row blames the sender, the message or the network, or says that the mailbox is full: providers also
 * list such bounces as permanent. Null if it does not, or if there is no reply.
 */
function refusalByReply(text: (column: ImportColumn) => string, status: string | null): RowReason | null {
  const reason = reasonNames.has(normalizedName(text('reason'))) ? '' : text('reason');
  const words = [reason, text('error')].filter((each) => each !== '').join(' ');
  const code = /^[245]\d\d(?:$|[\s-])/.test(words) ? '' : text('code');
  const reply = [code, status !== null && !words.includes(status) ? status : '', words]
    .filter((each) => each !== '')
    .join(' ');
  if (reply === '' || reply.length > longestReply) return null;
  const bounce = classifyReply(reply);
  if (bounce.class === 'policy') return refused(policyBounce);
  return bounce.class === 'soft' && bounce.reason !== 'unknown' ? refused(softBounce) : null;
}
