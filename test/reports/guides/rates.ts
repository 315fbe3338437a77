// The guides' rules about rates, sources, providers and times: what a report shows.

import { expect } from 'vitest';
import { dayMs, hourMs } from '../../../src/durations.ts';
import { findSpikes } from '../../../src/reports/spikes.ts';
import { rateBandsOf } from '../../../src/reports/thresholds.ts';
import { counted, quietDays, type Rules, reportOf, reportOfRates, today } from './rule.ts';

const kindsOf = (...spikes: Parameters<typeof findSpikes>) => findSpikes(...spikes).map(({ kind }) => kind);

/** A quiet day today at the two providers and other domains. */
const quietToday = [
  counted('gmail', { delivered: 1000, hard: 9, soft: 12, policy: 3 }),
  counted('outlook', { delivered: 500, hard: 5, soft: 4, policy: 2 }),
  counted(null, { delivered: 500, hard: 5, soft: 7, policy: 1 }),
];
const otherDomains = quietToday[2]!;

const blockedEverywhere = [
  counted('gmail', { delivered: 900, policy: 80 }),
  counted('outlook', { delivered: 450, policy: 45 }),
  counted(null, { delivered: 450, policy: 60 }),
];
const badList = [
  counted('gmail', { delivered: 900, hard: 80 }),
  counted('outlook', { delivered: 450, hard: 45 }),
  counted(null, { delivered: 450, hard: 60 }),
];
const blockedAtGmail = [counted('gmail', { delivered: 100, policy: 300 }), quietToday[1]!, otherDomains];

const bandOfTotal = async (...args: Parameters<typeof reportOfRates>) =>
  (await reportOfRates(...args)).total.rates!.bounces.band;
const bandOfHard = async (...args: Parameters<typeof reportOfRates>) =>
  (await reportOfRates(...args)).total.rates!.hard.band;
const gradeOfHard = async (hard: number) => (await reportOfRates({ hard })).total.rates!.hard.grade;

export const rateRules: Rules = {
  '0.1': [
    'more than 2% is a poor list',
    async () => {
      expect(await bandOfTotal({ hard: 19 })).toBe('healthy');
      expect(await bandOfTotal({ hard: 12, soft: 15 })).toBe('warning');
      expect(await gradeOfHard(21)).toBe('concerning');
    },
  ],
  '0.14': [
    'unusual spikes are to be looked at',
    () => {
      expect(kindsOf({ days: [...quietDays, ...quietToday], sources: [] })).toEqual([]);
      expect(kindsOf({ days: [...quietDays, ...badList], sources: [] })).toEqual(['list_quality']);
    },
  ],
  '1.15': [
    '5.7.26 hits all mail: the list is not the cause',
    () => {
      const [spike, ...others] = findSpikes({ days: [...quietDays, ...blockedEverywhere], sources: [] });
      expect(others.filter(({ kind }) => kind === 'list_quality')).toEqual([]);
      expect(spike).toMatchObject({ reason: 'authentication_failed', status: '5.7.26' });
      expect(spike!.explanation).toContain('The addresses are not the cause');
      expect(spike!.advice).toMatch(/SPF, DKIM and DMARC/);
    },
  ],
  '1.28': [
    'all bounces: under 2% healthy, 2% to 5% a warning, over 5% critical',
    async () => {
      const bands = [];
      for (const soft of [19, 20, 50, 51, 120]) bands.push(await bandOfTotal({ soft }));
      expect(bands).toEqual(['healthy', 'warning', 'warning', 'critical', 'critical']);
    },
  ],
  '1.29': [
    'hard bounces: under 1%, in cold mail under 0.5%',
    async () => {
      expect([await gradeOfHard(9), await gradeOfHard(10)]).toEqual(['excellent', 'acceptable']);
      expect([await bandOfHard({ hard: 4 }, 'cold'), await bandOfHard({ hard: 5 }, 'cold')]).toEqual([
        'healthy',
        'warning',
      ]);
    },
  ],
  '1.30': [
    'a rate is bounced divided by sent, hard and soft apart',
    async () => {
      const { total } = await reportOfRates({ hard: 30, soft: 10, policy: 5 });
      expect([total.sent, total.rates!.hard.rate, total.rates!.soft.rate, total.rates!.bounces.rate]).toEqual(
        [1000, 0.03, 0.01, 0.045],
      );
    },
  ],
  '1.31': [
    'an outage does not hide a bad list',
    () => {
      const outage = [counted('gmail', { delivered: 300, soft: 700 }), quietToday[1]!, otherDomains];
      const sources = [counted('form', { delivered: 1500 }), counted('bought', { delivered: 60, hard: 40 })];
      expect(kindsOf({ days: [...quietDays, ...outage], sources })).toEqual([
        'provider_delay',
        'source_quality',
      ]);
    },
  ],
  '2.2': [
    'bounced divided by sent',
    async () => {
      expect((await reportOfRates({ hard: 20 })).total.rates!.bounces.rate).toBe(0.02);
    },
  ],
  '2.12': [
    'hard under 2%, all under 5%',
    async () => {
      const { rates } = (await reportOfRates({ hard: 19, soft: 30 })).total;
      expect([rates!.hard.grade, rates!.bounces.grade]).toEqual(['acceptable', 'acceptable']);
      const worse = (await reportOfRates({ hard: 20, soft: 30 })).total.rates!;
      expect([worse.hard.grade, worse.bounces.grade]).toEqual(['concerning', 'concerning']);
    },
  ],
  '2.26': [
    'providers review accounts at 2% to 5%',
    async () => {
      expect([await bandOfTotal({ hard: 20 }), await bandOfTotal({ hard: 51 })]).toEqual([
        'warning',
        'critical',
      ]);
      expect(await gradeOfHard(50)).toBe('poor');
    },
  ],
  '2.27': [
    'grades at 1%, 2%, 5% and 10%',
    async () => {
      const grades = [];
      for (const hard of [9, 17, 30, 84, 500]) grades.push(await gradeOfHard(hard));
      expect(grades).toEqual(['excellent', 'acceptable', 'concerning', 'poor', 'stop']);
    },
  ],
  '2.28': [
    'over 10%: stop and look',
    async () => {
      expect([await gradeOfHard(100), await gradeOfHard(101)]).toEqual(['poor', 'stop']);
    },
  ],
  '2.39': [
    'the rate by source finds the bad one, also if all of it bounced',
    async () => {
      const provider = [counted('gmail', { delivered: 1916, hard: 84 })];
      const webinar = [
        counted('webinar', { delivered: 916, hard: 84 }),
        counted('form', { delivered: 1000 }),
      ];
      const { groups, spikes } = await reportOf({ provider, source: webinar }, 'source');
      expect(groups.map(({ name, rates }) => [name, rates!.hard.rate])).toEqual([
        ['webinar', 0.084],
        ['form', 0],
      ]);
      expect(spikes.map(({ kind, source }) => [kind, source])).toContainEqual(['source_quality', 'webinar']);

      const bought = [counted('bought-list', { hard: 500 }), counted('form', { delivered: 1000 })];
      const report = await reportOf({ provider, source: bought }, 'source');
      expect(report.groups.find(({ name }) => name === 'bought-list')!.rates!.hard).toMatchObject({
        rate: 1,
        grade: 'stop',
        band: 'critical',
      });
      expect(report.spikes.find(({ source }) => source === 'bought-list')!.explanation).toContain(
        'Stop sending to addresses from that source',
      );
    },
  ],
  '2.43': [
    'a spike in one segment or import',
    () => {
      const sources = [
        counted('form', { delivered: 1000, hard: 5 }),
        counted('import-7', { delivered: 80, hard: 20 }),
      ];
      expect(findSpikes({ days: [], sources })).toMatchObject([
        { kind: 'source_quality', source: 'import-7' },
      ]);
    },
  ],
  '2.44': [
    'all at one provider: it blocks you',
    () => {
      expect(findSpikes({ days: [...quietDays, ...blockedAtGmail], sources: [] })).toMatchObject([
        { kind: 'provider_block', provider: 'gmail' },
      ]);
    },
  ],
  '3.15': [
    'rates are watched',
    async () => {
      const { total, notes } = await reportOfRates({ hard: 30, soft: 10 });
      expect(Object.keys(total.rates!)).toEqual([
        'hard',
        'soft',
        'policy',
        'bounces',
        'complaint',
        'unsubscribed',
      ]);
      expect(notes).toEqual([]);
    },
  ],
  '4.4': [
    'bounces by what they have in common',
    async () => {
      const groups = [counted('a', { hard: 3 }), counted('b', { hard: 1 })];
      for (const by of ['campaign', 'source', 'list', 'gateway', 'mail_host', 'reason', 'status'] as const) {
        const report = await reportOf(
          { provider: [counted('gmail', { delivered: 96, hard: 4 })], [by]: groups },
          by,
        );
        expect(report.groups.map(({ name, share }) => [name, share])).toEqual([
          ['a', 0.75],
          ['b', 0.25],
        ]);
      }
    },
  ],
  '4.5': [
    'under 2%, 2% to 5%, over 5%, over 10%',
    async () => {
      const found = [];
      for (const hard of [19, 20, 51, 101])
        found.push([await bandOfTotal({ hard }), await gradeOfHard(hard)]);
      expect(found).toEqual([
        ['healthy', 'acceptable'],
        ['warning', 'concerning'],
        ['critical', 'poor'],
        ['critical', 'stop'],
      ]);
    },
  ],
  '4.9': [
    'hard under 0.5%',
    async () => {
      expect(rateBandsOf('cold').hard.warningFrom).toBe(0.005);
      expect(await bandOfHard({ hard: 21 }, 'cold')).toBe('critical');
    },
  ],
  '4.17': [
    'one domain, one mailbox or one campaign?',
    async () => {
      const provider = [counted('gmail', { delivered: 990, hard: 10 })];
      const campaign = [counted('spring', { delivered: 490, hard: 10 }), counted('news', { delivered: 500 })];
      const hosts = [counted('brisk-otter.com', { hard: 10 })];
      const byCampaign = await reportOf({ provider, campaign }, 'campaign');
      expect(byCampaign.groups.map(({ name, hard }) => [name, hard])).toEqual([
        ['spring', 10],
        ['news', 0],
      ]);
      const byHost = await reportOf({ provider, mail_host: hosts }, 'mail_host');
      expect(byHost.groups.map(({ name, share }) => [name, share])).toEqual([['brisk-otter.com', 1]]);
    },
  ],
  '4.21': [
    'the share of the bounces by code',
    async () => {
      const provider = [counted('gmail', { delivered: 900, hard: 3, soft: 97 })];
      const status = [counted('5.1.1', { hard: 3 }), counted('4.2.1', { soft: 97, deferred: 40 })];
      const { groups } = await reportOf({ provider, status }, 'status');
      expect(groups.map(({ name, share, deferred }) => [name, share, deferred])).toEqual([
        ['4.2.1', 0.97, 40],
        ['5.1.1', 0.03, 0],
      ]);
    },
  ],
  '4.24': [
    'all providers or one',
    () => {
      expect(kindsOf({ days: [...quietDays, ...blockedAtGmail], sources: [] })).toEqual(['provider_block']);
      expect(kindsOf({ days: [...quietDays, ...badList], sources: [] })).toEqual(['list_quality']);
    },
  ],
  '4.37': [
    'stay under 5% at Amazon SES',
    async () => {
      expect([await bandOfTotal({ hard: 50 }), await bandOfTotal({ hard: 51 })]).toEqual([
        'warning',
        'critical',
      ]);
    },
  ],
  '4.38': [
    'what is suppressed shows which source is bad',
    async () => {
      const source = [counted('fair', { delivered: 400, hard: 100 }), counted('form', { delivered: 500 })];
      const { groups } = await reportOf({ provider: source, source }, 'source');
      expect(groups.map(({ name, hard }) => [name, hard])).toEqual([
        ['fair', 100],
        ['form', 0],
      ]);
    },
  ],
  '4.39': [
    'a spike of 5.7.26',
    () => {
      expect(findSpikes({ days: [...quietDays, ...blockedAtGmail], sources: [] })[0]).toMatchObject({
        status: '5.7.26',
        advice: expect.stringContaining('SPF, DKIM and DMARC'),
      });
    },
  ],
  '4.45': [
    'bounces by the hour',
    async () => {
      const provider = [9, 14].map((hour) => ({
        ...counted('gmail', { delivered: 50, soft: hour }),
        period: today + hour * hourMs,
      }));
      const { groups } = await reportOf({ provider }, 'hour');
      expect(groups).toHaveLength(24);
      expect(groups.filter(({ soft }) => soft > 0).map(({ name, soft }) => [name, soft])).toEqual([
        ['2026-11-20T09:00:00Z', 9],
        ['2026-11-20T14:00:00Z', 14],
      ]);
    },
  ],
  '4.56': [
    'every day, not only by campaign',
    async () => {
      const provider = [
        counted('gmail', { delivered: 99, hard: 1 }, 1),
        counted('gmail', { delivered: 90, hard: 10 }),
      ];
      const { groups } = await reportOf({ provider }, 'day', { days: 2 });
      expect(groups.map(({ name, rates }) => [name, rates!.hard.rate])).toEqual([
        ['2026-11-19', 0.01],
        ['2026-11-20', 0.1],
      ]);
      expect(groups[1]!.name).toBe(new Date(today).toISOString().slice(0, dayMs / 8_640_000));
    },
  ],
  '4.58': [
    'business mail bounces at 2% to 3%, mail to consumers at 0.5% to 1%',
    async () => {
      const found = [];
      for (const soft of [5, 9, 11, 25, 29, 31])
        found.push([soft, await bandOfTotal({ soft }, 'b2c'), await bandOfTotal({ soft }, 'b2b')]);
      expect(found).toEqual([
        [5, 'healthy', 'healthy'],
        [9, 'healthy', 'healthy'],
        [11, 'warning', 'healthy'],
        [25, 'warning', 'healthy'],
        [29, 'warning', 'healthy'],
        [31, 'warning', 'warning'],
      ]);
    },
  ],
  '4.59': [
    'the share of full mailboxes',
    async () => {
      const provider = [counted('gmail', { delivered: 900, hard: 20, soft: 80 })];
      const reason = [counted('mailbox_full', { soft: 80 }), counted('mailbox_unknown', { hard: 20 })];
      const { groups } = await reportOf({ provider, reason }, 'reason');
      expect(groups[0]).toMatchObject({ name: 'mailbox_full', share: 0.8, sent: null, rates: null });
    },
  ],
  '4.62': [
    'hard bounces: look for where the addresses came from',
    () => {
      expect(findSpikes({ days: [...quietDays, ...badList], sources: [] })[0]!.advice).toMatch(
        /^Find where these addresses came from/,
      );
    },
  ],
};
