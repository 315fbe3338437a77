// Answers of a preflight about example.com, as far as a test says what they contain.

import { type FindingCode, findingCatalogue } from '../../../src/preflight/catalogue.ts';
import type { FaultKind, PreflightFinding } from '../../../src/preflight/finding.ts';
import type { PreflightAnswer, PreflightFacts } from '../../../src/preflight/preflight.ts';

const domain = 'example.com';

export function findingOf(
  code: FindingCode,
  about: string = domain,
  seen = `${about}: ${code}.`,
): PreflightFinding {
  const { severity, meaning, causes }: FaultKind = findingCatalogue[code];
  return { code, about, severity, seen, meaning, causes, publish: null };
}

export interface AnswerParts {
  readonly spf?: {
    readonly record?: string | null;
    readonly lookups?: number;
    readonly costs?: Record<string, number>;
  };
  readonly facts?: Partial<PreflightFacts>;
  readonly findings?: readonly PreflightFinding[];
  readonly unanswered?: readonly string[];
  readonly queries?: number;
}

export const answerOf = ({
  spf = {},
  facts,
  findings = [],
  unanswered = [],
  queries = 20,
}: AnswerParts): PreflightAnswer => ({
  domain,
  checked_at: '2026-11-20T12:00:00.000Z',
  findings,
  facts: {
    spf: [
      {
        domain,
        record: spf.record === undefined ? 'v=spf1 ip4:192.0.2.1 ~all' : spf.record,
        lookups: spf.lookups ?? 3,
        void_lookups: 0,
        costs: Object.entries(spf.costs ?? {}).map(([term, lookups]) => ({ term, lookups })),
        ips: [],
      },
    ],
    dkim: [],
    dmarc: {
      record: 'v=DMARC1; p=none',
      found_at: domain,
      organizational_domain: domain,
      policy: 'none',
      spf_aligned: true,
      dkim_aligned: null,
      alias: null,
    },
    mail_hosts: [{ domain, kind: 'mx', hosts: ['mx1.example.com', 'mx2.example.com'] }],
    ips: [],
    mta_sts: null,
    tls_rpt: null,
    bimi: null,
    tracking: [],
    blocklists: [],
    not_answered: unanswered.map((question) => ({ question, cause: 'timeout' })),
    not_checked: [],
    queries,
    ...facts,
  },
});
