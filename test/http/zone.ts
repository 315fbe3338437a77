// The DNS that the HTTP tests see. The names end like public ones, since reserved ones get their verdict without DNS.

import type { Zone } from '../dns/zone.ts';

const publicAddress = '198.41.0.4';

export const zone: Zone = {
  'gmail.com': { MX: [[5, 'gmail-smtp-in.l.google.com']] },
  'gmail-smtp-in.l.google.com': { A: [publicAddress] },
  'brisk-otter.com': { MX: [[10, 'mx.brisk-otter.com']], TXT: ['v=spf1 mx -all'] },
  '_dmarc.brisk-otter.com': { TXT: ['v=DMARC1; p=none; rua=mailto:dmarc@brisk-otter.com'] },
  'mx.brisk-otter.com': { A: [publicAddress] },
  'no-mail-please.org': { MX: [[0, '.']] },
  'bare-name.org': {},
  'web-only.org': { A: [publicAddress] },
  'inside-only.org': { MX: [[10, 'mx.inside-only.org']] },
  'mx.inside-only.org': { A: ['10.0.0.1'] },
  'broken-zone.org': { fault: 'servfail' },
  'hotmial.com': { fault: 'servfail' },
  'silent-zone.org': { fault: 'hang' },
  'mailinator.com': { MX: [[1, 'mail.mailinator.com']] },
  'mail.mailinator.com': { A: [publicAddress] },
};
