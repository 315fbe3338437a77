// The columns of a provider's exported suppression list. Pure functions.
//
// The names come from these exports:
//   Amazon SES            address,BOUNCE without a header; {"emailAddress","reason","lastUpdateTime"}; EmailAddress,Reason,…
//   Mailgun               address,code,error,created_at (bounces); address,tags,created_at; address,created_at
//   SendGrid              status,reason,email,created (bounces: the reason is the SMTP reply, created is Unix time);
//                         email,created (unsubscribes, invalid addresses); email,ip,created (spam reports)
//   Postmark              EmailAddress,SuppressionReason,Origin,CreatedAt
//   SparkPost             recipient,type,source,description,created,updated
//   Mailjet               Email,Status,Date with words such as hardbounced, spam, unsub
//   Brevo                 email,reason,blockedAt with words such as hardBounce, contactFlaggedAsSpam, unsubscribedViaEmail
//   Klaviyo               Email,Suppression Reason,Suppressed At with words such as Hard Bounced, Marked as Spam
//   Mailchimp             Email Address,…,UNSUB_TIME or CLEAN_TIME (the reason is in the column's name)
// and from the contacts of CRMs and newsletter tools, in which yes or no says who unsubscribed or bounced.

import { isAddressName } from '../tables/find-columns.ts';

export type ImportColumn =
  | 'address'
  | 'reason'
  | 'kind'
  | 'scope'
  | 'origin'
  | 'status'
  | 'code'
  | 'error'
  | 'date'
  | 'unsubscribed_at'
  | 'cleaned_at'
  | 'opted_out'
  | 'bounced';

/** The position of each column that a file has; the first is 0. */
export type ImportColumns = Partial<Readonly<Record<ImportColumn, number>>>;

/** The column for each name that appears in exports. Names are in lower case and without separators. */
const columnNames: Readonly<Record<ImportColumn, string>> = {
  address: `address email emailaddress emailaddr emailid mail mailaddress recipient recipientemail recipientaddress recipientemailaddress
    subscriber subscriberemail contactemail customeremail useremail primaryemail profileemail emailadresse mailadresse adresseemail
    adressemail courriel correo correoelectrónico direccióndecorreoelectrónico indirizzoemail endereçodeemail emailadres adresemail
    epost epostadress メールアドレス 邮箱 电子邮件 электроннаяпочта`,
  reason: `reason suppressionreason emailsuppressionreason suppressedreason bouncetype suppressiontype blockreason blockedreason
    reasoncode sttext grund raison motif motivo motivazione reden powód причина 理由 原因`,
  // These may also say something else, such as the federal state of a person. They count only if their words are known.
  kind: 'type state event eventtype category bouncecategory classification bounceclass action',
  scope: 'scope',
  origin: 'origin source',
  status: 'status emailstatus subscriberstatus contactstatus subscriptionstatus statut estado stato',
  code: 'code smtpcode errorcode responsecode replycode',
  error: `error description bouncereason emailbouncedreason hardbouncereason emailhardbouncereason errormessage bouncemessage
    smtpresponse smtpreply diagnosticcode diagnostic response details detail bouncedetails`,
  date: `createdat created date blockedat suppressedat lastupdatetime since dateadded addedat blockedon suppressedon updatedat
    bouncedat bouncedate emailbounceddate timestamp eventtime ts suppressedtimestamp emailsuppressedtimestamp datum fecha data`,
  unsubscribed_at: `unsubtime unsubscribetime unsubscribedat unsubscribedon unsubscribedate unsubscribeddate unsubdate unsubat
    unsubscriptiondate optouttime optoutdate optedoutat optedouton optoutat confirmedoptoutdate emailoptoutdate abmeldedatum abgemeldetam
    datededésinscription`,
  cleaned_at: 'cleantime cleanedat cleandate hardbouncedat hardbouncedate hardbouncetime',
  opted_out: `optout optedout emailoptout emailoptedout hasoptedoutofemail hasoptedout optedoutofemail unsubscribed isunsubscribed
    unsubscribedfromallemail globallyunsubscribed donotemail donotcontact blocklisted blacklisted emailblacklisted emailblocklisted`,
  bounced: 'hardbounced ishardbounced ishardbounce isbounced emailbounced',
};

const columnOfName = new Map(
  Object.entries(columnNames).flatMap(([column, listed]) =>
    listed.split(/\s+/).map((name) => [name, column as ImportColumn] as const),
  ),
);

/** Returns the name of a column in lower case and without separators. */
export const normalizedName = (name: string) => name.toLowerCase().replace(/[\s_-]/g, '');

/** The columns of names that were seen before. Every object of a JSON file has its own names. */
const seen = new Map<string, ImportColumn | null>();
const mostSeen = 1000;

function columnNamed(name: string): ImportColumn | null {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const column =
    columnOfName.get(normalizedName(name).replace(/\ufeff/g, '')) ?? (isAddressName(name) ? 'address' : null);
  if (seen.size < mostSeen) seen.set(name, column);
  return column;
}

/** The columns that a row names. Empty if a field contains an `@`, because the row is an entry then. */
export function namedColumns(fields: readonly string[]): ImportColumns {
  const columns: { [column in ImportColumn]?: number } = {};
  for (const [index, field] of fields.entries()) {
    if (field.includes('@')) return {};
    const column = columnNamed(field);
    if (column !== null) columns[column] ??= index;
  }
  return columns;
}

/**
 * Returns the columns that a header names. Null if the row is not a header: a field contains an `@`, or no field names the
 * address column.
 */
export function columnsOfHeader(fields: readonly string[]): ImportColumns | null {
  const columns = namedColumns(fields);
  return columns.address === undefined ? null : columns;
}

/** Whether a text is the name of a column with the addresses of the entries. */
export const isAddressColumn = (name: string): boolean => columnNamed(name) === 'address';

/**
 * The columns of a file in which no address was found. Reading a row with them gives an error about its
 * first field, unless that is an unusual address such as a..b@docomo.ne.jp, which only `recipientAddress` accepts.
 */
export const firstColumns: ImportColumns = { address: 0, reason: 1 };
