// The faults of hosts: those that receive mail for the sender, and those that send it.

import type { FaultKind } from './finding.ts';
import { reverseName } from './reverse-name.ts';

export const mailHostFaultKinds = {
  domain_nonexistent: {
    severity: 'error',
    meaning:
      'Receivers reject mail from a domain that does not exist. Check its spelling, and whether its registration has expired.',
    causes: ['5.1.8', '5.7.1', '4.1.8'],
  },
  null_mx: {
    severity: 'error',
    meaning:
      'The domain says that it accepts no mail, so nobody can reply, and bounces are lost. Receivers may reject mail from such a domain (RFC 7505).',
    causes: ['5.7.27', '5.1.8'],
  },
  no_mail_host: {
    severity: 'error',
    meaning:
      'Nobody can reply to the domain, and bounces are lost. Many receivers reject mail whose sender cannot receive mail. Publish the MX record that your mailbox provider gives you.',
    causes: ['5.1.8', '5.7.1'],
  },
  mail_host_unroutable: {
    severity: 'error',
    meaning:
      'The MX records name hosts that cannot be reached, so replies and bounces are lost. Many receivers reject mail whose sender cannot receive mail.',
    causes: ['5.1.8', '5.7.1'],
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type MailHostFaultCode = keyof typeof mailHostFaultKinds;

export const sendingHostFaultKinds = {
  ip_not_public: {
    severity: 'error',
    meaning:
      'Receivers see another address: the public IP address of your network. Check that address instead. You find it in the Received headers of a message that you sent and that arrived.',
    causes: [],
  },
  ptr_missing: {
    severity: 'error',
    meaning:
      'Large receivers reject mail from an IP address without a PTR record. The owner of the IP address sets this record: your hosting or internet provider.',
    causes: ['5.7.25', '4.7.25', '5.7.1'],
    publish: ({ about }, { domain, helo }) => ({
      name: reverseName(about),
      type: 'PTR',
      value: `${helo ?? `mail.${domain}`}.`,
    }),
  },
  ptr_not_confirmed: {
    severity: 'error',
    meaning:
      'The host name in the PTR record must resolve back to the IP address. Otherwise anyone could claim the name, and large receivers reject the mail.',
    causes: ['5.7.25', '4.7.25', '5.7.1'],
    publish: ({ about, parts = [] }) => ({
      name: parts[0] ?? about,
      type: about.includes(':') ? 'AAAA' : 'A',
      value: about,
    }),
  },
  ptr_generic: {
    severity: 'warning',
    meaning:
      'Some receivers think that a server with such a name is a home connection or a hacked computer, and reject its mail. Ask the owner of the IP address to set the PTR record to the name of your mail server.',
    causes: ['5.7.1', '4.7.1'],
    publish: ({ about }, { domain, helo }) => ({
      name: reverseName(about),
      type: 'PTR',
      value: `${helo ?? `mail.${domain}`}.`,
    }),
  },
  helo_unknown: {
    severity: 'warning',
    meaning: 'Some receivers reject mail from a server that introduces itself by a name without an address.',
    causes: ['5.7.1', '5.5.0'],
    publish: ({ about, parts = [] }) =>
      parts[0] === undefined
        ? null
        : { name: about, type: parts[0].includes(':') ? 'AAAA' : 'A', value: parts[0] },
  },
  helo_other_address: {
    severity: 'warning',
    meaning:
      'Your mail server introduces itself (HELO) by a name that belongs to another server. Some receivers count that as a sign of spam.',
    causes: ['5.7.1'],
  },
  ip_listed: {
    severity: 'error',
    meaning:
      'Receivers that use the list reject mail from the address. Find the cause first, such as a hacked account or a bought list. Then ask the operator of the list to remove the address.',
    causes: ['5.7.1', '4.7.1'],
  },
  domain_listed: {
    severity: 'error',
    meaning:
      'Receivers that use the list reject mail that contains the domain, whichever server sends it. Find the cause first. Then ask the operator of the list to remove the domain.',
    causes: ['5.7.1', '4.7.1'],
  },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type SendingHostFaultCode = keyof typeof sendingHostFaultKinds;
