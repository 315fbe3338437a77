// The faults of SPF records: what each means, which bounces it causes, and what to publish instead.

import { type FaultKind, txtRecord } from './finding.ts';
import {
  asMechanism,
  ipMechanism,
  isUnknownModifier,
  joinedWithSpaces,
  mergedSpf,
  redirectAsInclude,
  spfTerms,
  withIps,
  withoutTerms,
  withSoftAll,
} from './spf-terms.ts';

/** RFC 7372: SPF validation failed (23), SPF validation error (24), several authentication checks failed (26). */
const noPass = ['5.7.23', '5.7.26', '5.7.515', '4.7.27'];
const permanentError = ['5.7.24', '5.7.26', '5.7.515', '4.7.27'];

export const spfFaultKinds = {
  spf_none: {
    severity: 'error',
    meaning:
      'Nobody can tell which servers may send mail for this domain. Large providers reject or filter mail from such domains.',
    causes: noPass,
    publish: ({ about }, { ips }) =>
      txtRecord(about, ['v=spf1', ...(ips.length > 0 ? ips.map(ipMechanism) : ['mx']), '~all'].join(' ')),
  },
  spf_several: {
    severity: 'error',
    meaning:
      'A domain may have only one SPF record. With several, receivers use none of them. Replace them by one record with the parts of all.',
    causes: permanentError,
    publish: ({ about, parts = [] }) => txtRecord(about, mergedSpf(parts)),
  },
  spf_invalid: {
    severity: 'error',
    meaning:
      'Receivers cannot read the record, so SPF fails for all mail, whatever else the record says. Correct the part that is named.',
    causes: permanentError,
  },
  spf_split_text: {
    severity: 'error',
    meaning:
      'A long record is published as several strings. A space is missing between two of the strings, so receivers read two terms as one.',
    causes: permanentError,
    publish: ({ about, parts = [] }) => txtRecord(about, joinedWithSpaces(parts)),
  },
  spf_too_many_lookups: {
    severity: 'error',
    meaning:
      'Receivers stop after 10 DNS look-ups and treat the record as broken. Whether mail passes then depends on the position of its server in the record. Remove an include that you no longer need, or move a service to a subdomain with its own record.',
    causes: permanentError,
    publish: ({ about, record = '', parts = [] }) =>
      parts.length === 0 ? null : txtRecord(about, withoutEach(record, parts)),
  },
  spf_too_many_voids: {
    severity: 'error',
    meaning:
      'The record names hosts that do not exist. After two look-ups that find nothing, receivers may treat the whole record as broken.',
    causes: permanentError,
    publish: ({ about, record = '', parts = [] }) => txtRecord(about, withoutEach(record, parts)),
  },
  spf_include_broken: {
    severity: 'error',
    meaning:
      'The record relies on another domain that has no usable SPF record. Receivers treat the whole record as broken when they reach that part.',
    causes: permanentError,
    publish: ({ about, record = '', parts = [] }) => {
      const mended = withoutEach(record, parts);
      return mended === record ? null : txtRecord(about, withAll(mended));
    },
  },
  spf_loop: {
    severity: 'error',
    meaning: 'The records include each other in a loop. Receivers give up and treat SPF as broken.',
    causes: permanentError,
    publish: ({ about, record = '', parts = [] }) => {
      const mended = withoutEach(record, parts);
      return mended === record ? null : txtRecord(about, withAll(mended));
    },
  },
  spf_pass_all: {
    severity: 'error',
    meaning:
      'The record allows every server of the internet to send mail in your name, and spammers use that. Receivers distrust such domains.',
    causes: ['5.7.1', '5.7.23'],
    publish: ({ about, record = '', parts = [] }) =>
      txtRecord(about, withSoftAll(withoutTerms(record, ({ text }) => parts.includes(text)))),
  },
  spf_elsewhere: {
    severity: 'warning',
    meaning:
      'Your bounce domain is another domain, so receivers check the SPF record of the bounce domain, and not this record. But this record makes SPF fail for mail that has the From domain in its Return-Path.',
    causes: [],
  },
  spf_neutral_all: {
    severity: 'warning',
    meaning:
      'The record says nothing about servers that it does not list, so it protects nothing. Let it end with ~all.',
    causes: ['5.7.23', '5.7.26'],
    publish: ({ about, record = '' }) => txtRecord(about, withSoftAll(record)),
  },
  spf_redirect_ignored: {
    severity: 'warning',
    meaning:
      'If a record has "all", receivers ignore its redirect. SPF fails for mail from servers that only the redirect allows.',
    causes: noPass,
    publish: ({ about, record = '', parts = [] }) => {
      const [redirect = ''] = parts;
      const rest = withoutTerms(record, ({ name }) => name === 'redirect' || name === 'all');
      return txtRecord(about, `${rest} ${redirectAsInclude({ text: redirect })} ~all`);
    },
  },
  spf_terms_after_all: {
    severity: 'warning',
    meaning: 'Receivers stop reading at "all". Move the terms after "all" to a place before it.',
    causes: noPass,
    publish: ({ about, record = '', parts = [] }) => {
      const rest = withoutTerms(record, ({ text, name }) => parts.includes(text) || name === 'all');
      const moved = parts.filter((text) => !/^[-+~?]?all$/i.test(text));
      return txtRecord(about, [rest, ...moved, '~all'].join(' '));
    },
  },
  spf_unknown_modifier: {
    severity: 'warning',
    meaning:
      'Receivers ignore a term with "=" if they do not know its name. If "include:" or "ip4:" was meant, write ":" instead of "=": until then, SPF fails for the servers that the term should allow.',
    causes: noPass,
    publish: ({ about, record = '' }) => {
      const terms = spfTerms(record).map((term) =>
        isUnknownModifier(term) ? (asMechanism(term) ?? term.text) : term.text,
      );
      const mended = ['v=spf1', ...terms].join(' ');
      return mended === record ? null : txtRecord(about, mended);
    },
  },
  spf_ptr: {
    severity: 'warning',
    meaning:
      'The mechanism "ptr" is slow and must not be used (RFC 7208 section 5.5). Some receivers skip it, so mail that relies on it fails. Name the servers by ip4, ip6 or include.',
    causes: noPass,
    publish: ({ about, record = '' }, { ips }) =>
      txtRecord(
        about,
        withIps(
          withoutTerms(record, ({ name }) => name === 'ptr'),
          ips,
        ),
      ),
  },
  spf_macro: {
    severity: 'info',
    meaning:
      'Such a term is allowed. Its result differs from message to message, so presend tested the term only with the given IP addresses.',
    causes: [],
  },
  spf_allows_nobody: {
    severity: 'error',
    meaning:
      'The record says that the domain sends no mail, so SPF fails for all mail that has it in the Return-Path. Add the include of each service that sends your mail.',
    causes: noPass,
  },
  spf_ip_not_allowed: {
    severity: 'error',
    meaning:
      'The record does not list a server that sends your mail, so SPF does not pass for its mail. Add the server, or the include of the service that runs it.',
    causes: noPass,
    publish: ({ about, record = '', parts = [] }) => txtRecord(about, withIps(record, parts)),
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type SpfFaultCode = keyof typeof spfFaultKinds;

/** The record without the terms `parts`. A term that occurs several times stays once, unless it is `ptr`. */
function withoutEach(record: string, parts: readonly string[]): string {
  const left = [...parts];
  const texts = record.split(/ +/);
  const kept = texts.toReversed().filter((text) => {
    const at = left.indexOf(text);
    if (at === -1) return true;
    left.splice(at, 1);
    return false;
  });
  return kept.toReversed().join(' ');
}

const withAll = (record: string): string => (/[-~?+]all(?: |$)/i.test(record) ? record : `${record} ~all`);
