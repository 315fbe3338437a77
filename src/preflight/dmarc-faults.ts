// The faults of DMARC records: what each means, which bounces it causes, and what to publish instead.

import { parseDmarc } from './dmarc-record.ts';
import { type FaultKind, type PreflightRequest, txtRecord } from './finding.ts';

const notAuthenticated = ['5.7.26', '5.7.509', '5.7.515', '4.7.32'];

/** The safest valid record. It asks for reports, and receivers treat mail as before. */
const firstRecord = ({ domain }: PreflightRequest): string =>
  `v=DMARC1; p=none; rua=mailto:dmarc-reports@${domain}`;

export const dmarcFaultKinds = {
  dmarc_none: {
    severity: 'error',
    meaning:
      'Google, Yahoo and Microsoft reject bulk mail of domains without a DMARC record. Begin with a record that only asks for reports, and send the reports to a mailbox that exists.',
    causes: notAuthenticated,
    publish: ({ about }, request) => txtRecord(about, firstRecord(request)),
  },
  dmarc_several: {
    severity: 'error',
    meaning: 'With several DMARC records, receivers use none of them. Keep one.',
    causes: notAuthenticated,
    publish: ({ about, parts = [] }, request) =>
      txtRecord(about, parts.find((text) => parseDmarc(text).p !== null) ?? firstRecord(request)),
  },
  dmarc_invalid: {
    severity: 'error',
    meaning:
      'Receivers cannot use the record, so the domain counts as one without DMARC. A record begins with "v=DMARC1;" in exactly these letters and has a policy.',
    causes: notAuthenticated,
    publish: ({ about, record = '' }, request) => txtRecord(about, mendedDmarc(record, request)),
  },
  dmarc_counts_as_none: {
    severity: 'warning',
    meaning:
      'Receivers cannot read the policy in the record, but the record asks for reports. So receivers treat it as p=none: they send reports, and protect nothing (RFC 9989). Set p to none, quarantine or reject.',
    causes: [],
    publish: ({ about, record = '' }, request) => txtRecord(about, mendedDmarc(record, request)),
  },
  dmarc_tags_ignored: {
    severity: 'info',
    meaning:
      'Receivers ignore these parts of the record, because they are invalid or because RFC 9989 removed them (pct, rf, ri). The rest applies.',
    causes: [],
    publish: ({ about, record = '' }, request) => txtRecord(about, mendedDmarc(record, request)),
  },
  dmarc_policy_none: {
    severity: 'info',
    meaning:
      'This is the right policy to begin with. It asks for reports and protects nothing yet. When the reports show that all your mail passes, use p=quarantine, then p=reject.',
    causes: [],
  },
  dmarc_subdomains_open: {
    severity: 'info',
    meaning: 'Anyone can send mail in the name of your subdomains, although the domain itself is protected.',
    causes: [],
  },
  dmarc_testing: {
    severity: 'info',
    meaning:
      'With t=y receivers apply the policy one level lower than it says: quarantine instead of reject.',
    causes: [],
  },
  dmarc_no_reports: {
    severity: 'info',
    meaning: 'Without a report address you do not learn which of your mail fails.',
    causes: [],
    publish: ({ about, record = '' }, { domain }) =>
      txtRecord(about, `${record.replace(/[\s;]*$/, '')}; rua=mailto:dmarc-reports@${domain}`),
  },
  dmarc_report_address_invalid: {
    severity: 'warning',
    meaning: 'Reports go only to addresses that are written as mailto:name@example.com.',
    causes: [],
  },
  dmarc_report_not_accepted: {
    severity: 'warning',
    meaning:
      'The receiver of the reports has not agreed to get them, so no reports are sent. The owner of that domain must publish a record, for you or for all domains.',
    causes: [],
    publish: ({ about }) => txtRecord(about, 'v=DMARC1;'),
  },
  dmarc_spf_not_aligned: {
    severity: 'warning',
    meaning:
      'SPF passes for another domain than the one in From, so it does not count for DMARC. Mail then depends on DKIM alone. Set a bounce domain (return path) below your own domain at the sending service.',
    causes: notAuthenticated,
  },
  dmarc_dkim_not_aligned: {
    severity: 'warning',
    meaning:
      'Mail is signed by another domain than the one in From, so the signature does not count for DMARC. It fails when mail is forwarded. Set up DKIM for your own domain at the sending service.',
    causes: notAuthenticated,
  },
  dmarc_nothing_aligned: {
    severity: 'error',
    meaning:
      'Neither SPF nor DKIM is aligned with the domain in From, so DMARC fails for all mail. Set up DKIM for your own domain at the sending service.',
    causes: notAuthenticated,
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type DmarcFaultCode = keyof typeof dmarcFaultKinds;

/** The record with a valid beginning and policy, and without tags that receivers ignore. */
function mendedDmarc(record: string, request: PreflightRequest): string {
  const tags = record
    .replace(/^[\s"'\ufeff]+|["'\s;]+$/g, '')
    .split(/[;\n]/)
    // In zone files a backslash comes before a semicolon. Some forms of DNS providers publish it as a part of the record.
    .map((tag) => tag.replace(/\\+$/, '').trim())
    .filter((tag) => /^[a-z]+\s*=\s*\S/i.test(tag) && !/^(?:v|pct|rf|ri)\s*=/i.test(tag));
  const read = parseDmarc(['v=DMARC1', ...tags].join(';'));
  const valid = tags.filter((tag) => {
    const [name = ''] = tag.toLowerCase().split(/\s*=/);
    return name !== 'p' && !read.invalid.includes(name);
  });
  return read.p === null && valid.length === 0
    ? firstRecord(request)
    : ['v=DMARC1', `p=${read.p ?? 'none'}`, ...valid].join('; ');
}
