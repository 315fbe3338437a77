// The invented sender in the screenshots: a tea shop with a month of mail, two incidents, keys, overrides and a domain that changed.
// Local parts are random letters, so nobody is meant.

import type { Records } from '../test/dns/zone.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

const mailHost: Records = { MX: [[10, 'mx.harbor-tea.com']] };
const providers = ['gmail.com', 'yahoo.com', 'outlook.com', 'gmx.de', 'icloud.com'] as const;
const companies = ['harbor-tea.com', 'quiet-lantern.com', 'north-ferry.com', 'paper-kite.com'] as const;

/** What DNS says of the sender before and after somebody removed its DMARC record. */
export const dnsZone: Record<string, Records> = {
  ...Object.fromEntries([...providers, ...companies].map((name) => [name, mailHost])),
  'mx.harbor-tea.com': { A: ['198.41.0.4'] },
  'harbor-tea.com': { ...mailHost, TXT: ['v=spf1 mx -all'] },
  '_dmarc.harbor-tea.com': { TXT: ['v=DMARC1; p=none; rua=mailto:dmarc@harbor-tea.com'] },
  'news.harbor-tea.com': { ...mailHost, TXT: ['v=spf1 mx include:_spf.harbor-tea.com -all'] },
  '_spf.harbor-tea.com': { TXT: ['v=spf1 ip4:198.41.0.0/24 -all'] },
  'no-mail-please.org': { MX: [[0, '.']] },
};

export function changeDns(): void {
  dnsZone['harbor-tea.com'] = { ...mailHost, TXT: ['v=spf1 mx include:_spf.harbor-tea.com ~all'] };
  delete dnsZone['_dmarc.harbor-tea.com'];
}

function dice(seed: number): { below(limit: number): number; letters(count: number): string } {
  let state = seed;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % limit;
  };
  return {
    below,
    letters: (count) => Array.from({ length: count }, () => 'bcdfghjklmnpqrstvwz'[below(19)]).join(''),
  };
}

/** A list of 2,400 people as a mail tool exports it. */
export function exportedList(now: number): string {
  const { below, letters } = dice(20261128);
  const day = (daysAgo: number): string => new Date(now - daysAgo * dayMs).toISOString().slice(0, 10);
  const domainOf = (side: number): string =>
    side < 3
      ? ['gmial.com', 'outlok.com', 'yaho.com'][side]!
      : side < 6
        ? ['no-mail-please.org', 'gone-company.com', 'mailinator.com'][side - 3]!
        : side < 70
          ? providers[below(5)]!
          : companies[below(4)]!;
  const rows = Array.from({ length: 2400 }, () => {
    const source = ['website', 'trade fair', 'webinar'][below(3)]!;
    const daysAgo = below(20) === 0 ? 400 + below(500) : below(150);
    return `${letters(8)}.${letters(5)}@${domainOf(below(110))},${['Klara', 'Ann', 'Ben', 'Olga', 'Zoë'][below(5)]},${source},${day(daysAgo)}`;
  });
  return `Email Address,First Name,Source,Last opened\n${rows.join('\n')}\n`;
}

const campaigns = ['Autumn newsletter', 'Black Friday teaser', 'Order receipts', 'Win back 2024'] as const;
const replies: Readonly<Record<string, readonly [text: string, bounceClass: string]>> = {
  unknown: ['550 5.1.1 The email account that you tried to reach does not exist', '10'],
  full: ['452 4.2.2 The recipient’s inbox is out of storage space', '22'],
  policy: ['550 5.7.1 Our system has detected that this message is likely unsolicited mail', '50'],
};

/** A month of events as SparkPost sends them, in requests of 500. Its last days hold a bad list and a provider that refuses. */
export function* sparkpostRequests(now: number): Generator<string> {
  const { below, letters } = dice(20261129);
  const events: object[] = [];
  for (let hour = 30 * 24; hour > 0; hour--) {
    const at = now - hour * hourMs;
    const hourOfDay = new Date(at).getUTCHours();
    const count = hourOfDay < 7 || hourOfDay > 19 ? 3 : 28 + below(14);
    const isBadList = hour <= 52 && hour > 44;
    const isRefused = hour <= 6;
    for (let index = 0; index < count + (isBadList ? 25 : 0); index++) {
      const domain =
        isRefused && index % 2 ? 'gmail.com' : below(3) ? providers[below(5)]! : companies[below(4)]!;
      const campaign = isBadList && index % 2 ? 'Win back 2024' : campaigns[below(3)]!;
      const source =
        campaign === 'Win back 2024' ? 'trade fair' : (['website', 'webinar', 'shop'] as const)[below(3)]!;
      const side = below(1000);
      const cause =
        isRefused && domain === 'gmail.com'
          ? 'policy'
          : campaign === 'Win back 2024' && side < 170
            ? 'unknown'
            : side < 9
              ? 'unknown'
              : side < 14
                ? 'full'
                : side < 16
                  ? 'policy'
                  : null;
      const [reason, bounceClass] = cause === null ? [undefined, undefined] : replies[cause]!;
      events.push({
        msys: {
          [side === 500 || side === 501 ? 'unsubscribe_event' : 'message_event']: {
            type:
              cause !== null
                ? 'bounce'
                : side === 999
                  ? 'spam_complaint'
                  : side === 500
                    ? 'list_unsubscribe'
                    : 'delivery',
            ...(cause !== null && { bounce_class: bounceClass, raw_reason: reason }),
            rcpt_to: `${letters(9)}@${domain}`,
            event_id: `event-${hour}-${index}`,
            message_id: `message-${hour}-${index}`,
            timestamp: String(Math.floor((at + index * 60_000) / 1000)),
            campaign_id: campaign,
            rcpt_meta: { source, list: campaign === 'Order receipts' ? 'Customers' : 'Newsletter' },
          },
        },
      });
    }
    if (events.length >= 500) yield JSON.stringify(events.splice(0));
  }
  if (events.length > 0) yield JSON.stringify(events);
}

/** A list of the mail tool that people unsubscribed from, to import. */
export function suppressedList(): string {
  const { below, letters } = dice(20261130);
  const rows = Array.from(
    { length: 400 },
    () => `${letters(9)}@${providers[below(5)]},${below(3) ? 'unsubscribe' : 'bounce'}`,
  );
  return `address,reason\n${rows.join('\n')}\nnobody,bounce\n`;
}
