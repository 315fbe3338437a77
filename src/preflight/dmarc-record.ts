// DMARC records and the tree walk that finds them (RFC 9989).

export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

/** A DMARC record. Tags that are absent or have no valid value are null. */
export interface DmarcRecord {
  /** The record as published. */
  readonly text: string;
  readonly p: DmarcPolicy | null;
  readonly sp: DmarcPolicy | null;
  readonly np: DmarcPolicy | null;
  /** Whether DKIM and SPF identifiers must be exactly the From domain. */
  readonly isStrictDkim: boolean;
  readonly isStrictSpf: boolean;
  /** `y`: public suffix domain. `n`: organizational domain. `u`: to be found by the tree walk. */
  readonly psd: 'y' | 'n' | 'u';
  readonly isTesting: boolean;
  /** URIs to which aggregate and failure reports go. */
  readonly rua: readonly string[];
  readonly ruf: readonly string[];
  /** Names of tags whose value is invalid. */
  readonly invalid: readonly string[];
  /** Tags of RFC 7489 that RFC 9989 removed. */
  readonly removed: readonly string[];
}

/** Whether a TXT record is a DMARC record (RFC 9989 section 4.8). All others are ignored. */
export const isDmarcRecord = (text: string): boolean => /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);

/** Whether a TXT record was meant to be a DMARC record, but receivers do not see one in it. */
export const resemblesDmarc = (text: string): boolean =>
  !isDmarcRecord(text) &&
  (/^[\s"'\ufeff]*v\s*[=:]?\s*dmarc/i.test(text) ||
    /(?:^|[\s;"'])(?:p|rua)\s*=.*\bv\s*=\s*dmarc/i.test(text));

const policies: readonly string[] = ['none', 'quarantine', 'reject'];

const removedTags: readonly string[] = ['pct', 'rf', 'ri'];

export function parseDmarc(text: string): DmarcRecord {
  const invalid: string[] = [];
  const tags = new Map<string, string>();
  for (const part of text.split(';').slice(1)) {
    const [, name, value] = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/s.exec(part) ?? [];
    if (name === undefined) {
      if (part.trim() !== '') invalid.push(part.trim());
    } else if (!tags.has(name.toLowerCase())) tags.set(name.toLowerCase(), value!);
  }
  const oneOf = <Value extends string>(tag: string, values: readonly string[]): Value | null => {
    const value = tags.get(tag)?.toLowerCase();
    if (value !== undefined && !values.includes(value)) invalid.push(tag);
    return value !== undefined && values.includes(value) ? (value as Value) : null;
  };
  const uris = (tag: string): string[] =>
    (tags.get(tag) ?? '')
      .split(',')
      .map((uri) => uri.trim())
      .filter((uri) => uri !== '');
  return {
    text,
    p: oneOf('p', policies),
    sp: oneOf('sp', policies),
    np: oneOf('np', policies),
    isStrictDkim: oneOf('adkim', ['r', 's']) === 's',
    isStrictSpf: oneOf('aspf', ['r', 's']) === 's',
    psd: oneOf('psd', ['y', 'n', 'u']) ?? 'u',
    isTesting: oneOf('t', ['y', 'n']) === 'y',
    rua: uris('rua'),
    ruf: uris('ruf'),
    invalid,
    removed: removedTags.filter((tag) => tags.has(tag)),
  };
}

/** The domain of a `mailto:` URI, which may end with `!` and a maximum size (RFC 7489). Null for other URIs. */
export const mailDomainOf = (uri: string): string | null =>
  /^mailto:[^@\s]+@([^@\s!?]+)/i.exec(uri)?.[1]?.toLowerCase().replace(/\.$/, '') ?? null;

/**
 * Whether a record has no valid policy: `p` is missing, or `p`, `sp` or `np` is invalid. With a report address receivers treat it
 * as `p=none`; without one they do nothing (RFC 9989, "DMARC Policy Discovery").
 */
export const lacksPolicy = ({ p, invalid }: DmarcRecord): boolean =>
  p === null || invalid.includes('sp') || invalid.includes('np');

export const hasReportAddress = ({ rua }: DmarcRecord): boolean =>
  rua.some((uri) => mailDomainOf(uri) !== null);

/** Maximum labels of the second name of a walk, so no walk takes more than 8 queries (RFC 9989 section 4.10). */
const maxWalkLabels = 7;

/** The domains whose DMARC record a tree walk reads, `domain` first. */
export function walkedDomains(domain: string): string[] {
  const labels = domain.split('.');
  const above = labels.slice(labels.length > maxWalkLabels ? labels.length - maxWalkLabels : 1);
  return [domain, ...above.map((_, index) => above.slice(index).join('.'))];
}

/** A domain of a walk with its DMARC record; null if it has none, or several. */
export interface WalkStep {
  readonly domain: string;
  readonly record: DmarcRecord | null;
}

/** The steps up to the first record with `psd=y` or `psd=n`, where the walk ends. */
function walkEnd(steps: readonly WalkStep[]): readonly WalkStep[] {
  const end = steps.findIndex(({ record }) => record !== null && record.psd !== 'u');
  return end === -1 ? steps : steps.slice(0, end + 1);
}

/** The organizational domain of the first domain in `steps` (RFC 9989 section 4.10.2). */
export function organizationalDomain(steps: readonly WalkStep[]): string {
  const walked = walkEnd(steps);
  const start = steps[0]!.domain;
  const last = walked.at(-1)!;
  if (last.record?.psd === 'n') return last.domain;
  if (last.record?.psd === 'y' && last.domain !== start) {
    const below = start
      .slice(0, -last.domain.length - 1)
      .split('.')
      .at(-1)!;
    return `${below}.${last.domain}`;
  }
  return walked.findLast(({ record }) => record !== null)?.domain ?? start;
}

/**
 * The step whose record applies to the first domain in `steps` (RFC 9989 section 4.10.1): its own, else that of its
 * organizational domain, else that of the public suffix domain. Null if there is none.
 */
export function applicableStep(steps: readonly WalkStep[]): { domain: string; record: DmarcRecord } | null {
  const walked = walkEnd(steps);
  const organization = organizationalDomain(steps);
  const { domain: start } = steps[0]!;
  for (const wanted of [start, organization]) {
    const record = walked.find(({ domain }) => domain === wanted)?.record;
    if (record) return { domain: wanted, record };
  }
  const last = walked.at(-1)!;
  return last.record?.psd === 'y' ? { domain: last.domain, record: last.record } : null;
}

const oneLevelLower: Readonly<Record<DmarcPolicy, DmarcPolicy>> = {
  reject: 'quarantine',
  quarantine: 'none',
  none: 'none',
};

/**
 * The policy that receivers apply to a domain. `isOwn`: the record is at the domain itself. `exists`: the domain exists in DNS.
 * Null: the record has no valid policy and no report address, so receivers do nothing.
 */
export function effectivePolicy(record: DmarcRecord, isOwn: boolean, exists: boolean): DmarcPolicy | null {
  const { p, sp, np } = record;
  if (lacksPolicy(record)) return hasReportAddress(record) ? 'none' : null;
  const policy = isOwn ? p! : exists ? (sp ?? p!) : (np ?? sp ?? p!);
  return record.isTesting ? oneLevelLower[policy] : policy;
}
