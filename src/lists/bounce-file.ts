// Reads the bounces of a campaign: the file that an email service provider exports after it.

import { classifyReply } from '../bounce/classify.ts';
import { spanValue, splitRecord } from '../csv/read-records.ts';
import type { MaybePromise } from '../maybe-promise.ts';
import { suppressionKey } from '../suppression/address-hash.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import { plainName } from '../tables/find-columns.ts';
import type { ListError } from './list-error.ts';
import type { ListRow, ListShape } from './shape.ts';
import { type ListFile, openListOf } from './spreadsheet.ts';

/** The bounces of a campaign. */
export interface CampaignBounces {
  /** Number of distinct addresses that hard-bounced. */
  readonly hard: number;
  /** Number of rows that are not hard bounces: soft bounces, refusals for policy reasons, complaints, deliveries. */
  readonly notHard: number;
  /** Number of rows whose cells do not tell whether the bounce was hard. They do not count as bounces. */
  readonly unclear: number;
  /** Number of rows without a valid address, and of records that cannot be read. */
  readonly unreadable: number;
  /**
   * Finds those of `emails` that hard-bounced. Returns one element for each: a key that is the same for all spellings of an
   * address, or null if it did not hard-bounce.
   */
  find(emails: readonly string[]): MaybePromise<readonly (string | null)[]>;
}

/** A campaign without bounces. */
export const noBounces: CampaignBounces = {
  ...{ hard: 0, notHard: 0, unclear: 0, unreadable: 0 },
  find: (emails) => emails.map(() => null),
};

/** What the cells of one row say. `unclear`: they have text, but it does not tell the class. */
export type BounceRowClass = 'hard' | 'not_hard' | 'unclear';

const wordSet = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Names of the columns that say how a message failed. Written as the result of `plainName`. */
const classColumns = wordSet(`
  type bouncetype bounceclass bouncecategory bouncesubtype bouncereason class category classification event eventtype status state
  reason code error errormessage description diagnostic diagnosticcode diagnosticinfo smtpreply smtpresponse smtpcode smtpstatus
  response message enhancedstatus statuscode dsn dsnstatus dsndiag dsndiagnostic deliverystatus failure failurereason result
  suppressionreason severity
`);

/** Words for a hard bounce in the exports of email service providers. */
const hardWords = wordSet(`
  hard hardbounce hardbounced permanent permanentbounce permanentfailure perm bouncehard cleaned invalid invalidemail
  invalidemailaddress invalidrecipient unknownuser usernotfound nosuchuser mailboxnotfound nonexistent doesnotexist
  badmailbox baddestination badmailboxaddress noemail 5xx
`);
/** Words for everything else that a provider's log can contain. */
const otherWords = wordSet(`
  soft softbounce softbounced transient transientbounce temporary temporaryfailure temp bouncesoft undetermined blocked block
  deferred delayed delay mailboxfull full overquota spam spamreport spamcomplaint complaint complained abuse unsubscribe
  unsubscribed unsub delivered delivery sent send accepted processed open opened opens click clicked clicks autoresponder
  autoreply outofoffice dropped 4xx
`);

/** Classifies a row by the cells of its columns that say how the message failed. Without any text, it is a hard bounce. */
export function bounceRowClass(cells: readonly string[]): BounceRowClass {
  const texts = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  if (texts.length === 0) return 'hard';
  const words = texts.map(plainName);
  if (words.some((word) => otherWords.has(word))) return 'not_hard';
  if (words.some((word) => hardWords.has(word))) return 'hard';
  // A row of SendGrid has the code in one column and the reply in another. Only together are they an SMTP reply.
  const reply = texts.toSorted((a, b) => Number(/^[245]/.test(b)) - Number(/^[245]/.test(a))).join(' ');
  const { class: bounceClass, reason, replyCode } = classifyReply(reply);
  if (bounceClass === 'hard') return 'hard';
  if (reason !== 'unknown') return 'not_hard';
  // Without words that tell more, 5yz is a permanent failure and 4yz a temporary one (RFC 5321 section 4.2.1).
  if (replyCode !== null) return replyCode >= 500 ? 'hard' : 'not_hard';
  // The row says that it is a bounce, and nothing else.
  return words.every((word) => /^(?:e?mail)?bounced?$/.test(word)) ? 'hard' : 'unclear';
}

/**
 * The text by which an address of the list is found among the bounces: letter case, quotation marks, a display name and
 * `mailto:` do not matter. Null if the text has no address (see `recipientAddress`).
 */
function addressKey(text: string): string | null {
  const address = recipientAddress(text);
  return address === null ? null : suppressionKey(address);
}

/** Reads the bounces, in CSV with any delimiter and encoding, a workbook, NDJSON, or just addresses. Rejects only if `source` does. */
export async function readBounces(
  source: AsyncIterable<Uint8Array> | ListFile,
): Promise<CampaignBounces | { readonly error: ListError }> {
  const hard = new Set<string>();
  let notHard = 0;
  let unclear = 0;
  let unreadable = 0;
  const counted = (): CampaignBounces => ({
    ...{ hard: hard.size, notHard, unclear, unreadable },
    find: (emails) =>
      emails.map((email) => {
        const key = addressKey(email);
        return key !== null && hard.has(key) ? key : null;
      }),
  });
  const opened = await openListOf(source);
  // A campaign without bounces is good news. Its file is empty, or has only a header.
  if (!opened.ok) return opened.error.code === 'no_rows' ? counted() : { error: opened.error };
  const classOf = rowClassifier(opened.shape);
  for await (const part of opened.parts) {
    if (part.kind === 'error') return { error: part.error };
    unreadable += part.setAside.length;
    for (const row of part.rows) {
      if (row.fields === 0) continue;
      const key = addressKey(row.email);
      const kind = classOf(row);
      if (key === null) unreadable++;
      else if (kind === 'hard') hard.add(key);
      else if (kind === 'unclear') unclear++;
      else notHard++;
    }
  }
  return counted();
}

/** Returns a function that classifies the rows of a file with this shape. */
function rowClassifier(shape: ListShape): (row: ListRow) => BounceRowClass {
  if (shape.format === 'ndjson') return ({ text }) => bounceRowClass(classValues(JSON.parse(text)));
  const { header, email, onlyAddresses } = shape;
  if (onlyAddresses) return () => 'hard';
  const cellsIn = (text: string): string[] => splitRecord(text, shape).map(spanValue);
  // Without a header, a cell can be anything, such as a name. Only one that clearly says otherwise makes the row soft.
  if (header === null)
    return ({ text }) => {
      const cells = cellsIn(text).filter((_, column) => column !== email);
      return bounceRowClass(cells) === 'not_hard' ? 'not_hard' : 'hard';
    };
  const columns = [...header.keys()].filter((column) => column !== email && isClassColumn(header[column]!));
  return ({ text }) => {
    const cells = cellsIn(text);
    return bounceRowClass(columns.map((column) => cells[column] ?? ''));
  };
}

/** The values of an object and of the objects in it, such as `{"bounce": {"bounceType": "Permanent"}}` of Amazon SES. */
function classValues(object: object): string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    if (typeof value === 'object' && value !== null) return classValues(value);
    return isClassColumn(name) && (typeof value === 'string' || typeof value === 'number')
      ? [String(value)]
      : [];
  });
}

const isClassColumn = (name: string): boolean => classColumns.has(plainName(name));
