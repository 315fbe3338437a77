// What the operators of blocklists publish about their answers. Lists that are not here are read by RFC 5782 alone.

export interface BlocklistOperator {
  /** The zones of the operator, including those under which each customer has its own zone. */
  readonly zones: readonly string[];
  /** The page of the operator, or one that quotes it, as read on `read`. */
  readonly source: string;
  readonly read: string;
  /** The addresses that mean a listing, with the name of the list of each. Any other address means no listing. */
  readonly lists?: Readonly<Record<string, string>>;
  /** The bits of the last octet that mean a listing, with the name of the list of each. */
  readonly bits?: Readonly<Record<number, string>>;
  /** Addresses that refuse the question. In a list with `bits`, an odd last octet refuses it too. */
  readonly refusals?: readonly string[];
  /** The test entry that is always listed, if it is not that of RFC 5782. */
  readonly testEntry?: string;
}

const spamhaus = {
  source: 'https://docs.spamhaus.com/datasets/docs/source/10-data-type-documentation/datasets/040-zones.html',
  read: '2026-11-28',
  refusals: [
    // The question was refused: wrong zone, public resolver, too many questions.
    ...['127.255.255.252', '127.255.255.254', '127.255.255.255'],
    // The question was about an IP address, but the list has domains.
    '127.0.1.255',
  ],
} as const;

const refusedByUribl = 'https://uribl.com/refused.shtml';

export const blocklistOperators: readonly BlocklistOperator[] = [
  {
    ...spamhaus,
    zones: [
      ...['zen', 'sbl', 'xbl', 'sbl-xbl', 'pbl', 'authbl'].map((list) => `${list}.spamhaus.org`),
      ...['zen', 'sbl', 'xbl', 'sbl-xbl', 'pbl', 'authbl'].map((list) => `${list}.dq.spamhaus.net`),
    ],
    lists: {
      '127.0.0.2': 'SBL',
      '127.0.0.3': 'CSS',
      '127.0.0.4': 'XBL',
      '127.0.0.5': 'XBL',
      '127.0.0.6': 'XBL',
      '127.0.0.7': 'XBL',
      '127.0.0.9': 'DROP',
      '127.0.0.10': 'PBL: the owner of the address says that no mail server uses it',
      '127.0.0.11': 'PBL: Spamhaus expects no mail server at the address',
      '127.0.0.20': 'AuthBL',
      '127.0.0.30': 'BCL',
    },
  },
  {
    ...spamhaus,
    zones: ['dbl.spamhaus.org', 'dbl.dq.spamhaus.net'],
    lists: {
      '127.0.1.2': 'low reputation',
      '127.0.1.4': 'phishing',
      '127.0.1.5': 'malware',
      '127.0.1.6': 'botnet',
      '127.0.1.102': 'legitimate domain that is abused for spam',
      '127.0.1.103': 'abused redirector',
      '127.0.1.104': 'abused for phishing',
      '127.0.1.105': 'abused for malware',
      '127.0.1.106': 'abused for a botnet',
    },
  },
  {
    zones: ['multi.surbl.org'],
    source: 'https://www.surbl.org/lists',
    read: '2026-11-28',
    bits: { 8: 'phishing', 16: 'malware', 64: 'abuse', 128: 'cracked' },
    testEntry: 'test.surbl.org',
  },
  {
    zones: ['multi.uribl.com', 'black.uribl.com', 'grey.uribl.com', 'red.uribl.com'],
    source: refusedByUribl,
    read: '2026-11-28',
    bits: { 2: 'black', 4: 'grey', 8: 'red' },
    testEntry: '2.0.0.127',
  },
  // A list of good domains.
  { zones: ['white.uribl.com'], source: 'https://www.uribl.com/about.shtml', read: '2026-11-28', bits: {} },
  {
    zones: ['b.barracudacentral.org'],
    source: 'https://www.barracudacentral.org/rbl/how-to-use',
    read: '2026-11-28',
    lists: { '127.0.0.2': 'BRBL' },
  },
];

export const operatorOf = (zone: string): BlocklistOperator | null =>
  blocklistOperators.find(({ zones }) =>
    zones.some((known) => zone === known || zone.endsWith(`.${known}`)),
  ) ?? null;

/** Whether a label looks like a generated key: it is long and has digits, or it is longer than words are. */
const isKeyLike = (label: string): boolean =>
  label.length >= 20 || (label.length >= 12 && /\d/.test(label) && /[a-z]/.test(label));

/**
 * The name of a zone without secrets, to be shown and stored. The zone of a customer contains a secret key
 * (`KEY.zen.dq.spamhaus.net`). Under the zone of a known operator, the name is the zone of the operator. Elsewhere, it is the
 * part after the last label that looks like a key.
 */
export function shownZone(zone: string): string {
  const known = operatorOf(zone)?.zones.find((one) => zone === one || zone.endsWith(`.${one}`));
  if (known !== undefined) return known;
  const labels = zone.split('.');
  // In other zones of this operator, the label before the name of the list is the key.
  if (zone.endsWith('.dq.spamhaus.net')) return labels.slice(-4).join('.');
  return labels.slice(labels.slice(0, -2).findLastIndex(isKeyLike) + 1).join('.');
}

/** The names of the lists that an address means; empty if it means no listing, null if the operator is not known. */
export function listsOf(code: string, operator: BlocklistOperator | null): readonly string[] | null {
  if (operator === null) return null;
  const { lists, bits, refusals = [] } = operator;
  if (refusals.includes(code)) return [];
  if (bits !== undefined) {
    const octet = Number(code.split('.').at(-1));
    return (octet & 1) === 1
      ? []
      : Object.entries(bits).flatMap(([bit, name]) => ((octet & Number(bit)) === 0 ? [] : [name]));
  }
  const name = lists?.[code];
  return name === undefined ? [] : [name];
}
