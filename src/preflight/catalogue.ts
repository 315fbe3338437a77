// The catalogue of all findings, by their codes.

import { dkimFaultKinds } from './dkim-faults.ts';
import { dmarcFaultKinds } from './dmarc-faults.ts';
import type {
  FaultKind,
  FindingSeverity,
  PreflightFinding,
  PreflightRequest,
  SenderFault,
} from './finding.ts';
import { mailHostFaultKinds, sendingHostFaultKinds } from './host-faults.ts';
import { spfFaultKinds } from './spf-faults.ts';
import { transportFaultKinds } from './transport-faults.ts';

export const findingCatalogue = {
  ...spfFaultKinds,
  ...dkimFaultKinds,
  ...dmarcFaultKinds,
  ...mailHostFaultKinds,
  ...sendingHostFaultKinds,
  ...transportFaultKinds,
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FindingCode = keyof typeof findingCatalogue;

const severities: readonly FindingSeverity[] = ['error', 'warning', 'info'];

const rank = ({ severity }: PreflightFinding): number => severities.indexOf(severity);

/** The findings about `faults`, the most severe first. */
export function findingsOf(faults: readonly SenderFault[], request: PreflightRequest): PreflightFinding[] {
  const findings = faults.map((fault): PreflightFinding => {
    const kind: FaultKind = findingCatalogue[fault.code as FindingCode];
    return {
      code: fault.code,
      about: fault.about,
      severity: kind.severity,
      seen: fault.seen,
      meaning: kind.meaning,
      causes: kind.causes,
      publish: kind.publish?.(fault, request) ?? null,
    };
  });
  return findings.sort((a, b) => rank(a) - rank(b));
}
