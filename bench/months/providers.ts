// The mailbox providers of the synthetic recipients: their share of the mail, and how they reply.
//
// Shares of consumer mail by country follow the Mapp Global Provider Report 2019 (as reported by MediaPost,
// mediapost.com/publications/article/341866, and portalmap.com): US Gmail 50%, Verizon (Yahoo, AOL) 23%, Microsoft 12%;
// DE GMX and WEB.DE 40%, Gmail 15%, T-Online 12%; FR Gmail 27%, Microsoft 26%, Orange 18%; UK Gmail 33%, Microsoft 23%,
// Verizon 18%, Virgin 6%, BT 5%; PL Wirtualna Polska 26%, Gmail 25%. The rest of each row is an assumption.
//
// Replies:
// - Gmail: 4.7.28 unusual rate, 5.7.26 unauthenticated (4.7.26 first), 4.2.2 out of storage, 5.1.1
//   (smtp.codes/google, mythicintel.com/blog/421-from-gmail, valimail.com on Gmail's and Yahoo's error codes).
// - Outlook.com: 5.7.1 S3140 and S3150 (support.sendgrid.com, article 38465017420955), 4.7.650 rate limited for IP
//   reputation (suped.com on Microsoft rate limits), 5.7.515 (support.microsoft.com, "Fix NDR error 550 5.7.515").
// - Yahoo: 421 4.7.0 [TSS04] (smtpfieldmanual.com/provider/yahoo/421/4.7.0).
// - GMX and WEB.DE: 421 without an enhanced status (suped.com on Web.de and GMX rate limits).
// - T-Online: 554 without an enhanced status for unknown IP addresses (spamresource.com/2020/06).
// - Orange: 421 OFR004_104 too many connections, OFR_999 (bentonow.com/smtp-errors/orange).
// - Proofpoint: 554 5.7.0 blocked (suped.com on Proofpoint). Mimecast: 550 by policy (Mimecast support 42979092709907).

import type { BounceClass, BounceReason } from '../../src/bounce/bounce.ts';

export interface Reply {
  readonly class: BounceClass;
  readonly reason: BounceReason;
  readonly status: string | null;
}

export interface Provider {
  /** As in the stored events; null for the many small mail hosts. */
  readonly name: string | null;
  readonly mailHost: string | null;
  /** The enhanced status of its replies; null where it uses none. */
  readonly replies: {
    readonly unknown: string | null;
    readonly full: string | null;
    readonly rate: string | null;
    readonly block: string | null;
    readonly authentication: string | null;
    readonly outage: string | null;
  };
  /** The share of complaints that reach the sender by a feedback loop. Gmail has none for single messages. */
  readonly feedback: number;
  /** The share of mail that it refuses from an IP address on a big public blocklist. */
  readonly listing: number;
  /** How much more or less of the mail it defers than others. */
  readonly defers: number;
}

const common = {
  unknown: '5.1.1',
  full: '5.2.2',
  rate: '4.7.1',
  block: '5.7.1',
  authentication: '5.7.1',
  outage: '4.3.2',
};

const provider = (
  name: string | null,
  mailHost: string | null,
  replies: Partial<Provider['replies']>,
  { feedback = 0.5, listing = 0.7, defers = 1 }: Partial<Provider> = {},
): Provider => ({ name, mailHost, replies: { ...common, ...replies }, feedback, listing, defers });

const google = { full: '4.2.2', rate: '4.7.28', authentication: '5.7.26', outage: '4.3.0' };
const unitedInternet = { rate: null, block: null, outage: null };

const list: readonly Provider[] = [
  provider('gmail', 'google.com', google, { feedback: 0, listing: 0.05 }),
  provider(
    'outlook',
    'outlook.com',
    { unknown: '5.5.0', rate: '4.7.650', authentication: '5.7.515' },
    { feedback: 0.9 },
  ),
  provider(
    'yahoo',
    'yahoodns.net',
    { rate: '4.7.0', block: '5.7.9', authentication: '5.7.9' },
    { feedback: 0.9, defers: 1.5 },
  ),
  provider('apple', 'icloud.com', { block: '5.7.0' }, { feedback: 0 }),
  provider('comcast', 'comcast.net', { rate: null }, { feedback: 0.8, listing: 0.9 }),
  provider('att', 'prodigy.net', { rate: null }, { listing: 0.9 }),
  provider('gmx', 'gmx.net', unitedInternet, { feedback: 0.2 }),
  provider('webde', 'web.de', unitedInternet, { feedback: 0.2 }),
  provider('tonline', 't-online.de', { rate: null, block: null }, { feedback: 0, listing: 0.8 }),
  provider('freenet', 'freenet.de', {}, { defers: 2 }),
  provider('orange', 'orange.fr', { rate: null, block: null, unknown: null }, { defers: 3 }),
  provider('free_fr', 'free.fr', { rate: null }, { defers: 3 }),
  provider('laposte', 'laposte.net', {}),
  provider('sfr', 'sfr.fr', {}, { defers: 2 }),
  provider('virgin', 'virginmedia.com', {}),
  provider('bt', 'btinternet.com', {}),
  provider('sky', 'yahoodns.net', { rate: '4.7.0' }),
  provider('wp', 'wp.pl', {}, { feedback: 0.2 }),
  provider('onet', 'onet.pl', {}, { feedback: 0.2 }),
  provider('interia', 'interia.pl', {}, { defers: 2 }),
  provider('google', 'google.com', google, { feedback: 0, listing: 0.05 }),
  provider(
    'microsoft365',
    'outlook.com',
    { unknown: '5.4.1', rate: '4.7.500', block: '5.7.606', authentication: '5.7.509' },
    { feedback: 0 },
  ),
  provider(
    'mimecast',
    'mimecast.com',
    { block: null, unknown: null },
    { feedback: 0, listing: 0.95, defers: 4 },
  ),
  provider('proofpoint', 'pphosted.com', { block: '5.7.0' }, { feedback: 0, listing: 0.95 }),
  provider('barracuda', 'barracudanetworks.com', {}, { feedback: 0, listing: 0.9, defers: 3 }),
];

export const providers: ReadonlyMap<string, Provider> = new Map(list.map((one) => [one.name!, one]));

/** Small mail hosts whose operator nobody knows. Many of them use greylisting. */
export const smallHosts: readonly Provider[] = [
  provider(null, 'secureserver.net', {}, { feedback: 0.1, defers: 4 }),
  provider(null, 'ovh.net', {}, { feedback: 0.1, defers: 5 }),
  provider(null, null, {}, { feedback: 0, defers: 8 }),
];

/** The shares of providers by audience, in percent. What is missing to 100 goes to small mail hosts. */
export const shares: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  us: { gmail: 50, yahoo: 22.6, outlook: 12.4, comcast: 2, apple: 5, att: 1.1 },
  de: { gmx: 21, webde: 19, gmail: 17, tonline: 11.9, outlook: 9, yahoo: 4, apple: 3, freenet: 2.5 },
  fr: { gmail: 30, outlook: 22, orange: 17.8, free_fr: 6, sfr: 4.5, laposte: 4, yahoo: 6, apple: 2.5 },
  uk: { gmail: 33, outlook: 23, yahoo: 18, virgin: 6, bt: 5, apple: 6, sky: 3 },
  pl: { wp: 26.4, gmail: 28, onet: 17, interia: 9, outlook: 4, yahoo: 2 },
  business: {
    microsoft365: 38,
    google: 21,
    mimecast: 5,
    proofpoint: 6,
    barracuda: 2.5,
    gmail: 5,
    outlook: 2,
  },
};
