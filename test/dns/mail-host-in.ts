// What a look-up found, without how long it holds; still without a promise where the look-up was.

import type { FoundMailHost } from '../../src/dns/mail-hosts.ts';
import type { MailHost } from '../../src/domain/mail-host.ts';

export const mailHostIn = (found: FoundMailHost | Promise<FoundMailHost>): MailHost | Promise<MailHost> =>
  found instanceof Promise ? found.then(({ mailHost }) => mailHost) : found.mailHost;
