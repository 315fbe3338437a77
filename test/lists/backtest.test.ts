// Backtests: the verdicts on a list against the bounces that a campaign to it had.

import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../bench/simulate/random.ts';
import { createBacktest } from '../../src/lists/backtest.ts';
import { backtestReportPage } from '../../src/lists/backtest-report.ts';
import { bounceRowClass, readBounces } from '../../src/lists/bounce-file.ts';
import { type BacktestOutcome, type BacktestResult, runBacktest } from '../../src/lists/run-backtest.ts';
import type { Action } from '../../src/verdict/verdict.ts';
import { bytes, inPieces, today, validatorOf } from './lists.ts';

async function outcomeOf(list: string, bounces: string): Promise<BacktestOutcome> {
  return runBacktest({
    list: inPieces(bytes(list)),
    bounces: inPieces(bytes(bounces)),
    sentAt: today,
    validator: validatorOf({ 'closed-otter.com': { kind: 'nxdomain' } }),
    patienceMs: 0,
    wait: async () => {},
  });
}

async function backtest(list: string, bounces: string): Promise<BacktestResult> {
  const outcome = await outcomeOf(list, bounces);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

interface Verdict {
  readonly email: string;
  readonly reason?: string;
  readonly action?: Action;
  readonly probability?: number;
}

/** A list as `presend clean` wrote it before the campaign. */
const cleanedList = (rows: readonly Verdict[]): string =>
  `email,ps_result,ps_reason,ps_action,ps_bounce_probability,ps_checked_at\n${rows
    .map(
      ({ email, reason = 'no_known_obstacle', action = 'accept', probability = 0.008 }) =>
        `${email},${action === 'reject' ? 'undeliverable' : 'deliverable'},${reason},${action},${probability},2026-11-01T00:00:00Z\n`,
    )
    .join('')}`;

const dead = (email: string): Verdict => ({
  ...{ email, reason: 'domain_nonexistent', action: 'reject', probability: 0.98 },
});

describe('a list with the verdicts of before', () => {
  const list = cleanedList([
    { email: 'ann@brisk-otter.com' },
    { email: 'ben@brisk-otter.com' },
    { email: 'cara@gmail.com' },
    { email: 'info@brisk-otter.com', reason: 'role_account', action: 'confirm', probability: 0.04 },
    { email: 'sales@brisk-otter.com', reason: 'role_account', action: 'confirm', probability: 0.04 },
    dead('dan@gone-heron.com'),
    dead('eve@gone-heron.com'),
    dead('fay@back-heron.com'),
  ]);

  test('bounces that each policy would have avoided, people it would have lost, and the rate without', async () => {
    const result = await backtest(
      list,
      'email\nDAN@gone-heron.com\neve@gone-heron.com\nben@brisk-otter.com\ninfo@brisk-otter.com\n',
    );
    expect(result).toMatchObject({ addresses: 8, bounce_rate: 0.5, verified_now: 0, duplicates: 0 });
    const [reject, both] = result.policies;
    expect(reject).toMatchObject({
      leave_out: 'reject',
      left_out: 3,
      caught: 2,
      false_alarms: 1,
      bounce_rate: 0.4,
    });
    expect(reject!.catch_rate.share).toBe(0.5);
    expect(reject!.false_alarm_rate.share).toBe(0.25);
    expect(both).toMatchObject({
      ...{ leave_out: 'reject_or_confirm', left_out: 5, caught: 3, false_alarms: 2 },
      bounce_rate: 0.33333,
    });
  });

  test('what each reason found, most bounces first', async () => {
    const { signals } = await backtest(
      list,
      'email\ndan@gone-heron.com\neve@gone-heron.com\ninfo@brisk-otter.com\n',
    );
    expect(signals).toEqual([
      {
        ...{ reason: 'domain_nonexistent', addresses: 3, bounced: 2, expected: 2.9, rate: 0.66667 },
        ...{ rejected: 3, confirmed: 0 },
      },
      {
        reason: 'role_account',
        addresses: 2,
        bounced: 1,
        expected: 0.1,
        rate: 0.5,
        rejected: 0,
        confirmed: 2,
      },
      {
        reason: 'no_known_obstacle',
        addresses: 3,
        bounced: 0,
        expected: 0,
        rate: 0,
        rejected: 0,
        confirmed: 0,
      },
    ]);
  });

  test('how many bounced of those with about the same probability', async () => {
    const { calibration } = await backtest(list, 'email\ndan@gone-heron.com\ncara@gmail.com\n');
    expect(calibration.expected_rate).toBeCloseTo((3 * 0.008 + 2 * 0.04 + 3 * 0.98) / 8, 4);
    expect(calibration.brier).toBeCloseTo(
      (2 * 0.008 ** 2 + 0.992 ** 2 + 2 * 0.04 ** 2 + 0.02 ** 2 + 2 * 0.98 ** 2) / 8,
      4,
    );
    expect(
      calibration.bins.map(({ from, to, addresses, bounced }) => [from, to, addresses, bounced]),
    ).toEqual([
      [0.005, 0.01, 3, 1],
      [0.02, 0.05, 2, 0],
      [0.95, 1, 3, 1],
    ]);
    for (const { observed, bounced } of calibration.bins) {
      expect(observed.low!).toBeLessThanOrEqual(observed.share!);
      expect(observed.high!).toBeGreaterThan(observed.share!);
      if (bounced === 0) expect(observed.low).toBe(0);
    }
  });

  test('no bounces at all: nothing is caught, and there is no catch rate', async () => {
    for (const bounces of ['', 'email\n', 'email,type\nann@brisk-otter.com,soft\n']) {
      const result = await backtest(list, bounces);
      expect(result.bounces.hard, bounces).toBe(0);
      expect(result.policies[0]!.catch_rate).toEqual({ share: null, low: null, high: null });
      expect(result.bounce_rate).toBe(0);
      expect(backtestReportPage(result, '2026-11-20')).toContain('No address on this list bounced hard');
    }
  });

  test('bounces of strangers, repeated rows and rows without an address are named and not counted', async () => {
    const repeated = cleanedList([
      { email: 'ann@brisk-otter.com' },
      { email: 'Ann@brisk-otter.com' },
      { email: '' },
    ]);
    const result = await backtest(
      `${repeated}`,
      'email\nzoe@elsewhere-otter.com\nann@brisk-otter.com\nann@brisk-otter.com\n',
    );
    expect(result.addresses + result.duplicates).toBe(2);
    expect(result.bounces).toMatchObject({ not_on_list: 1 });
  });
});

test('a contact counts once, whatever an earlier run wrote about duplicates', async () => {
  const head = 'email,ps_result,ps_reason,ps_action,ps_bounce_probability,ps_duplicate,ps_checked_at\n';
  const row = (email: string, isDuplicate: boolean) =>
    `${email},deliverable,no_known_obstacle,accept,0.008,${isDuplicate},2026-11-01T00:00:00Z\n`;
  const list = `${head}${row('ann@gmail.com', true)}${row('ben@gmail.com', false)}${row('BEN@gmail.com', false)}`;
  expect(await backtest(list, 'email\nann@gmail.com\n')).toMatchObject({
    ...{ addresses: 2, duplicates: 1, verified_now: 0, bounce_rate: 0.5 },
  });
});

test('the reason of an older version stays, and verdicts without an action get that of their reason', async () => {
  const head = 'email,ps_result,ps_reason,ps_action,ps_bounce_probability,ps_checked_at\n';
  const list = `${head}ann@gmail.com,risky,a_reason_of_before,confirm,0.04,2026-11-01T00:00:00Z
ben@gmail.com,undeliverable,null_mx,,0.98,2026-11-01T00:00:00Z\n`;
  const { signals, no_address } = await backtest(list, 'email\nben@gmail.com\n');
  expect(no_address).toBe(0);
  expect(signals.map(({ reason, rejected, confirmed }) => [reason, rejected, confirmed])).toEqual([
    ['null_mx', 1, 0],
    ['a_reason_of_before', 0, 1],
  ]);
});

describe('a list without verdicts is verified now', () => {
  test('a domain that does not exist is caught; the repeated address counts once', async () => {
    const result = await backtest(
      'Email,Name\nann@closed-otter.com,Ann\nben@brisk-otter.com,Ben\nben@brisk-otter.com,Ben\n,Nobody\n',
      'ann@closed-otter.com\nben@brisk-otter.com\n',
    );
    expect(result).toMatchObject({ addresses: 2, duplicates: 1, no_address: 1, verified_now: 3 });
    expect(result.policies[0]).toMatchObject({ caught: 1, false_alarms: 0 });
    expect(result.policies[0]!.catch_rate.share).toBe(0.5);
  });

  test('a contact with several addresses has the verdict of its best one, and bounces if that one bounced', async () => {
    const list = 'Email,Name\nann@closed-otter.com; ann@brisk-otter.com,Ann\n';
    const counts = async (bounced: string) => {
      const { addresses, bounces, policies } = await backtest(list, `${bounced}\n`);
      return [addresses, bounces.hard, bounces.not_on_list, policies[0]!.left_out];
    };
    expect(await counts('ann@brisk-otter.com')).toEqual([1, 1, 0, 0]);
    expect(await counts('ann@closed-otter.com')).toEqual([1, 0, 1, 0]);
  });

  test('the forecast says whether it held', async () => {
    const rows = Array.from({ length: 400 }, (_, index) => `person.${index}x@gmail.com,2026-11-18\n`);
    const list = `email,last delivered\n${rows.join('')}`;
    const held = await backtest(list, 'person.1x@gmail.com\nperson.2x@gmail.com\nperson.3x@gmail.com\n');
    expect(held.forecast).toMatchObject({ held: true });
    const many = Array.from({ length: 200 }, (_, index) => `person.${index}x@gmail.com\n`).join('');
    expect((await backtest(list, many)).forecast).toMatchObject({ held: false });
  });

  test('a file that is not a list is refused by name', async () => {
    expect(await outcomeOf('PK\u0003\u0004', 'email\n')).toMatchObject({ kind: 'refused', file: 'list' });
    expect(await outcomeOf('email\nann@gmail.com\n', 'PK\u0003\u0004')).toMatchObject({
      ...{ kind: 'refused', file: 'bounces' },
    });
  });
});

describe('which rows of a file are hard bounces', () => {
  test.each([
    [[], 'hard'],
    [['', ' '], 'hard'],
    [['Permanent', 'General'], 'hard'],
    [['Hard Bounce'], 'hard'],
    [['hardBounce'], 'hard'],
    [['bounce'], 'hard'],
    [['failed', 'permanent'], 'hard'],
    [['5.1.1', '550 5.1.1 The email account that you tried to reach does not exist'], 'hard'],
    [['bounce', '550 No such user here'], 'hard'],
    [['550'], 'hard'],
    [['451'], 'not_hard'],
    [['Transient', 'MailboxFull'], 'not_hard'],
    [['soft'], 'not_hard'],
    [['Blocked'], 'not_hard'],
    [['bounce', 'blocked'], 'not_hard'],
    [['failed', 'temporary'], 'not_hard'],
    [['550 5.7.1 Message rejected due to sender reputation'], 'not_hard'],
    [['452 4.2.2 The mailbox is over quota'], 'not_hard'],
    [['delivered'], 'not_hard'],
    [['spam_report'], 'not_hard'],
    [['something else'], 'unclear'],
  ] as const)('%j: %s', (cells, expected) => {
    expect(bounceRowClass(cells)).toBe(expected);
  });

  const bouncesIn = (text: string) => readBounces(inPieces(bytes(text)));
  const bouncedAmong = (found: Awaited<ReturnType<typeof readBounces>>, emails: readonly string[]) =>
    'find' in found ? found.find(emails) : found.error;

  test.each([
    [
      'Amazon SES',
      '{"bounceType":"Permanent","bounceSubType":"General","emailAddress":"ann@gmail.com"}\n{"bounceType":"Transient","emailAddress":"ben@gmail.com"}\n',
    ],
    [
      'SendGrid',
      'status,reason,email,created\n5.1.1,"550 5.1.1 user unknown",ann@gmail.com,1700000000\n4.2.2,"452 4.2.2 mailbox full",ben@gmail.com,1700000000\n',
    ],
    [
      'objects without a class',
      '{"email":"ann@gmail.com","name":"Soft","id":7,"tags":null}\n{"email":"ben@gmail.com","event":"open"}\n',
    ],
    ['semicolons', 'E-Mail;Bounce-Typ;Type\nann@gmail.com;x;hard\nben@gmail.com;x;soft\n'],
    ['no header', 'ann@gmail.com,Ann Smith\nben@gmail.com,soft\n'],
    ['a log', 'event,recipient\nbounce,ann@gmail.com\ndelivered,ben@gmail.com\n'],
  ])('%s', async (_, text) => {
    const found = await bouncesIn(text);
    expect(found).toMatchObject({ notHard: 1, unclear: 0, unreadable: 0 });
    expect(await bouncedAmong(found, ['ann@gmail.com', 'ben@gmail.com'])).toEqual(['ann@gmail.com', null]);
  });

  test.each([
    ['abc..def@docomo.ne.jp', 'abc..def@docomo.ne.jp'],
    ['Abc..Def@Docomo.ne.jp', 'abc..def@docomo.ne.jp'],
    ['abc..def@other-otter.com', 'abc..def@other-otter.com'],
    ['mailto:ann@gmail.com', 'ann@gmail.com'],
    ['Ann Smith <ann@gmail.com>', 'ann@gmail.com'],
    ['ann@gmail.com (Ann)', 'ann@gmail.com'],
    ['ann@gmail.com.', 'ann@gmail.com'],
    ['x@abc_d.com', 'x@abc_d.com'],
    ['"ann"@gmail.com', 'ann@gmail.com'],
  ])('a bounce of %s is found on the list, in a table and in a file of addresses', async (written, key) => {
    const table = await bouncesIn(
      `email,type\n"${written.replaceAll('"', '""')}",hard\nben@gmail.com,soft\n`,
    );
    expect(table).toMatchObject({ hard: 1, notHard: 1, unclear: 0, unreadable: 0 });
    expect(await bouncedAmong(table, [key, 'ben@gmail.com'])).toEqual([key, null]);
    const log = await bouncesIn(
      `${JSON.stringify({ email: written, event: 'bounce' })}\n{"email":"ben@gmail.com"}\n`,
    );
    expect(await bouncedAmong(log, [key, 'ben@gmail.com'])).toEqual([key, 'ben@gmail.com']);
    const list = `email,name\n"${written.replaceAll('"', '""')}",Ann\ncara@gmail.com,Cara\n`;
    const { bounces } = await backtest(list, `email\n${key}\n`);
    expect(bounces).toMatchObject({ hard: 1, not_on_list: 0, unreadable: 0 });
  });

  test('a row without a valid address, and one that does not say how the message failed', async () => {
    expect(
      await bouncesIn('email,reason\nann@gmail.com,5.1.1\nnot an address,5.1.1\nben@gmail.com,who knows\n'),
    ).toMatchObject({
      ...{ notHard: 0, unclear: 1, unreadable: 1 },
    });
  });
});

/**
 * Draws a campaign. A bounce is an address at Gmail (caught with the probability 0.2), or all addresses of a company that
 * shut down (all caught, or none, with the probability 0.7).
 */
function drawCampaign(seed: number): {
  readonly rows: readonly Verdict[];
  readonly bounced: readonly string[];
} {
  const random = randomFrom(seed);
  const rows: Verdict[] = [];
  const bounced: string[] = [];
  for (let index = 0; index < 120; index++) {
    const email = `p${index}@gmail.com`;
    const bounces = random.unit() < 0.3;
    if (bounces) bounced.push(email);
    rows.push(bounces && random.unit() < 0.2 ? dead(email) : { email });
  }
  for (let company = 0; company < 60; company++) {
    const closed = random.unit() < 0.6;
    const caught = closed && random.unit() < 0.7;
    const size = 1 + random.below(4);
    for (let person = 0; person < size; person++) {
      const email = `p${person}@company-${company}-otter.com`;
      if (closed) bounced.push(email);
      rows.push(caught ? dead(email) : { email });
    }
  }
  return { rows, bounced };
}

test('the interval of the catch rate holds the planted one in 85 to 95 of 100 campaigns', {
  timeout: 60_000,
}, async () => {
  const atGmail = 120 * 0.3;
  const atCompanies = 60 * 0.6 * 2.5;
  const planted = (atGmail * 0.2 + atCompanies * 0.7) / (atGmail + atCompanies);
  let held = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const { rows, bounced } = drawCampaign(seed);
    const hard = new Set(bounced);
    const counted = createBacktest({ hard: hard.size, notHard: 0, unclear: 0, unreadable: 0 });
    for (const { email, reason = 'no_known_obstacle', action = 'accept', probability = 0.008 } of rows)
      counted.add(
        { email, duplicate: false, verdict: { reason, action, probability } },
        hard.has(email) ? email : null,
      );
    const { low, high } = counted.report().policies[0]!.catch_rate;
    if (low! <= planted && planted <= high!) held++;
  }
  expect(held / 300).toBeGreaterThanOrEqual(0.85);
  expect(held / 300).toBeLessThanOrEqual(0.95);
});

describe('false alarms', () => {
  const live = Array.from({ length: 200 }, (_, index) => ({ email: `person.${index}x@gmail.com` }));
  const alarms = async (wrong: readonly Verdict[]) =>
    (await backtest(cleanedList([...live, ...wrong]), 'zoe@elsewhere-otter.com\n')).policies[0]!
      .false_alarm_rate;

  test('at one domain they say less than at ten', async () => {
    const people = Array.from({ length: 10 }, (_, index) => index);
    const together = await alarms(people.map((index) => dead(`p${index}@alive-heron.com`)));
    const apart = await alarms(people.map((index) => dead(`p${index}@alive-heron-${index}.com`)));
    expect(together.share).toBe(apart.share);
    expect(together.high!).toBeGreaterThan(1.5 * apart.high!);
    expect(together.low!).toBeLessThan(apart.low!);
  });

  test('without any, the interval begins at 0', async () => {
    const { share, low, high } = await alarms([]);
    expect([share, low]).toEqual([0, 0]);
    expect(high).toBeCloseTo(0.0095, 3);
  });
});

describe('the page', () => {
  const estimated = (share: number) => ({ share, low: share / 2, high: share * 1.5 });
  const signal = (reason: string, addresses: number, rejected: number, confirmed: number) => ({
    ...{ reason, addresses, bounced: 1, expected: 2, rate: 0.5, rejected, confirmed },
  });
  const policy = { left_out: 9, caught: 0, catch_rate: estimated(0.004), false_alarms: 9 };
  const full: BacktestResult = {
    ...{ addresses: 100, duplicates: 0, no_address: 0, verified_now: 41, bounce_rate: 0.07 },
    bounces: { hard: 7, not_on_list: 42, not_hard: 43, unclear: 44, unreadable: 45 },
    forecast: { rate: 0.05, low: 0.04, high: 0.06, held: false },
    policies: [
      { ...policy, leave_out: 'reject', false_alarm_rate: estimated(0.2), bounce_rate: 0.07 },
      { ...policy, leave_out: 'reject_or_confirm', false_alarm_rate: estimated(0.2), bounce_rate: null },
    ],
    signals: [
      signal('null_mx', 3, 3, 0),
      signal('role_account', 4, 0, 4),
      signal('no_known_obstacle', 5, 0, 0),
      signal('a_reason_of_before', 6, 1, 2),
    ],
    calibration: { expected_rate: 0.05, brier: 0.0123, bins: [] },
  };

  test('names what each signal would have done, also for a reason of an older version', () => {
    const page = backtestReportPage(full, '2026-11-20');
    const actions = [
      ...page.matchAll(/<tr><td>([^<]+)<\/td>(?:<td class="number">[^<]*<\/td>){5}|<td>(\w+)<\/td><\/tr>/g),
    ];
    expect(actions.flatMap(([, , action]) => (action === undefined ? [] : [action]))).toEqual([
      ...['reject', 'confirm', 'mail', 'several'],
    ]);
    expect(page).toContain('a_reason_of_before');
    expect(page).toContain('<strong>outside</strong>');
    expect(page).toContain('would not have avoided any of the 7 bounces');
  });

  test('shows small shares with two decimal places, others with one', () => {
    const page = backtestReportPage(full, '2026-11-20');
    expect(page).toContain('0.40% <span class="interval-text">(0.20%–0.60%)');
    expect(page).toContain('20.0% <span class="interval-text">(10.0%–30.0%)');
  });

  test('lists each limit only if it applies', () => {
    const counts = [
      /41 rows had no verdict/,
      /not the main address of a contact: 42\./,
      /or a delivery\): 43\./,
      /bounce was hard: 44\./,
      /another ADDRESS_HASH_KEY: 45\./,
    ];
    const clean = { not_on_list: 0, not_hard: 0, unclear: 0, unreadable: 0 };
    const without = { ...full, verified_now: 0, bounces: { hard: 7, ...clean } };
    for (const count of counts) expect(backtestReportPage(full, '2026-11-20')).toMatch(count);
    expect(backtestReportPage(without, '2026-11-20').match(/<li>/g)).toHaveLength(1);
    expect(backtestReportPage(full, '2026-11-20').match(/<li>/g)).toHaveLength(6);
  });

  test('says which policy avoids bounces', () => {
    const [reject, both] = full.policies;
    const confirmed = { ...full, policies: [reject!, { ...both!, caught: 3, bounce_rate: 0.04 }] };
    expect(backtestReportPage(confirmed, '2026-11-20')).toContain(
      'Leaving out the addresses with reject or confirm would have avoided 3 of 7 bounces: a bounce rate of 4.00% instead of 7.00%',
    );
  });
});

test('the page shows no address, and escapes the name of the list', async () => {
  const result = await backtest(
    cleanedList([dead('dan@gone-heron.com'), { email: 'ann@gmail.com' }]),
    'dan@gone-heron.com\n',
  );
  const page = backtestReportPage(result, '2026-11-20', '<b>list</b>.csv');
  expect(page).toContain(
    'presend would have avoided 1 of 1 bounces: a bounce rate of 0.00% instead of 50.00%',
  );
  expect(page).toContain('&lt;b&gt;list&lt;/b&gt;.csv');
  expect(page).not.toContain('<b>list');
  expect(page).not.toContain('@gone-heron');
  expect(page).toContain('<td>2% to 5%</td>'.replace('2% to 5%', '95% to 100%'));
  expect(page).not.toMatch(/<script|https?:\/\//);
});
