// The faults of MTA-STS, TLS reports, BIMI and tracked links.

import { type FaultKind, txtRecord } from './finding.ts';

export const transportFaultKinds = {
  mta_sts_invalid: {
    severity: 'warning',
    meaning:
      'Servers that send you mail ignore the record, so MTA-STS has no effect. There must be exactly one record. It needs an id, which you change whenever you change the policy.',
    causes: [],
    publish: ({ about }) => txtRecord(about, 'v=STSv1; id=1'),
  },
  mta_sts_no_policy: {
    severity: 'warning',
    meaning:
      'The record says that there is a policy, but it cannot be fetched. It must be at this URL, with a valid certificate and without a redirect.',
    causes: [],
  },
  mta_sts_policy_invalid: {
    severity: 'warning',
    meaning: 'Servers that send you mail ignore the policy, so MTA-STS has no effect.',
    causes: [],
  },
  mta_sts_other_hosts: {
    severity: 'error',
    meaning:
      'Servers that obey the policy do not deliver to these hosts, so replies and bounces to your domain are lost. Add the hosts to the policy, and change the id in the record.',
    causes: [],
  },
  mta_sts_testing_other_hosts: {
    severity: 'warning',
    meaning:
      'Mail is delivered as long as the mode is testing. With the mode enforce, replies and bounces to your domain would be lost. Add the hosts to the policy first, and change the id in the record.',
    causes: [],
  },
  tls_rpt_invalid: {
    severity: 'info',
    meaning:
      'No TLS reports are sent. There must be exactly one record, and it must name the address to which reports are sent.',
    causes: [],
    publish: ({ about }, { domain }) => txtRecord(about, `v=TLSRPTv1; rua=mailto:tls-reports@${domain}`),
  },
  bimi_invalid: {
    severity: 'info',
    meaning:
      'Mailbox providers show no logo. There must be exactly one record, and it must name an SVG image by an https URL.',
    causes: [],
  },
  bimi_without_enforcement: {
    severity: 'info',
    meaning: 'Mailbox providers show the logo only if the DMARC policy is quarantine or reject.',
    causes: [],
  },
  tracking_missing: {
    severity: 'warning',
    meaning:
      'Links in your mail lead nowhere, and spam filters notice it. Publish the DNS record for tracked links that your sending service shows you.',
    causes: ['5.7.1'],
  },
  tracking_dangling: {
    severity: 'error',
    meaning:
      'Links in your mail lead nowhere. Anyone who registers the target at that service can take over the links. Correct or remove the record.',
    causes: ['5.7.1'],
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type TransportFaultCode = keyof typeof transportFaultKinds;
