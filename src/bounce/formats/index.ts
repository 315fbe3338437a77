// The formats of bounces without an RFC 3464 report, in the order in which they are tried. To add a format, create its file
// and add it to the list here.

import { amazonSesNotification } from './amazon-ses.ts';
import { any } from './any.ts';
import { dragonfly } from './dragonfly.ts';
import { exchange } from './exchange.ts';
import { exim } from './exim.ts';
import type { BounceFormat } from './format.ts';
import { gmail } from './gmail.ts';
import { googleGroups } from './google-groups.ts';
import { mailingList } from './mailing-list.ts';
import { notes } from './notes.ts';
import { opensmtpd } from './opensmtpd.ts';
import { qmail } from './qmail.ts';
import { sendmail } from './sendmail.ts';

export const formats: readonly BounceFormat[] = [
  amazonSesNotification,
  googleGroups,
  gmail,
  dragonfly,
  opensmtpd,
  exim,
  qmail,
  exchange,
  notes,
  sendmail,
  mailingList,
  any,
];
