// The spine over ports that do not answer.

import { expect, test } from 'vitest';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { domainList, noOverrides, type Overrides } from '../../src/overrides/domain-lists.ts';
import { createKnownDomains } from '../../src/validator/known-domains.ts';
import { validatorOver } from '../../src/validator/validate.ts';

const someHost: MailHost = { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.brisk-otter.com' }] };

const mailHosts = { lookup: () => ({ mailHost: someHost, expires: 0 }) };

const denied: Overrides = {
  allow: domainList([]),
  deny: domainList([{ domain: 'brisk-otter.com', includesSubdomains: false }]),
};

test('overrides that are late keep their previous state', async () => {
  const answers = [denied, new Promise<Overrides>(() => {})];
  const validator = validatorOver({
    mailHosts,
    suppressions: null,
    overrides: () => answers.shift()!,
    now: () => 0,
    timeoutMs: 1,
    batchTimeoutMs: 1,
  });
  const reason = async () => (await validator.validate({ email: 'jane@brisk-otter.com' })).reason;
  expect([await reason(), await reason()]).toEqual(['denied_domain', 'denied_domain']);
});

test('if the learned model is late, the verdict has its prior', async () => {
  const validator = validatorOver({
    mailHosts,
    suppressions: null,
    learned: () => new Promise(() => {}),
    now: () => 0,
    timeoutMs: 1,
    batchTimeoutMs: 1,
  });
  expect(await validator.validate({ email: 'jane@brisk-otter.com' })).toMatchObject({
    result: 'deliverable',
    bounce: { basis: 'prior' },
  });
});

test('of two batches that overlap each keeps to what it was told', async () => {
  const found: MailHost[] = [someHost, { kind: 'undetermined', cause: 'timeout' }];
  const lists = Promise.withResolvers<Overrides>();
  const validator = validatorOver({
    mailHosts: { lookup: () => ({ mailHost: found.shift()!, expires: 0 }) },
    suppressions: null,
    overrides: () => lists.promise,
    now: () => 0,
    timeoutMs: 10_000,
    batchTimeoutMs: 10_000,
  });
  const both = Promise.all([1, 2].map(() => validator.validate({ email: 'jane@brisk-otter.com' })));
  lists.resolve(noOverrides);
  expect((await both).map(({ result }) => result)).toEqual(['deliverable', 'unknown']);
});

test('what was learned moves addresses of a list as it moves others, and the sandbox never', async () => {
  const validator = validatorOver({
    mailHosts,
    suppressions: null,
    learned: () => ({
      isEmpty: false,
      estimate: () => ({ probability: 0.4, low: 0.3, high: 0.5, sample: 9 }),
    }),
    now: () => 0,
    timeoutMs: 1000,
    batchTimeoutMs: 1000,
  });
  const requests = ['jane@brisk-otter.com', 'jane@presend.test'].map((email) => ({ email }));
  const { verdicts } = await validator.validateBatch(requests);
  const { judged } = await validator.judgeList(requests, { asOf: 0, domains: createKnownDomains() });
  for (const told of [verdicts, judged])
    expect(told.map(({ bounce }) => bounce.basis)).toEqual(['observed', 'prior']);
});

test('parts that verdicts share are frozen', async () => {
  const validator = validatorOver({
    mailHosts,
    suppressions: null,
    now: () => 0,
    timeoutMs: 1000,
    batchTimeoutMs: 1000,
  });
  const { bounce, signals } = await validator.validate({ email: 'jane@brisk-otter.com' });
  expect([Object.isFrozen(bounce), Object.isFrozen(signals)]).toEqual([true, true]);
});

const batchOf = (ports: Partial<Parameters<typeof validatorOver>[0]>) =>
  validatorOver({
    mailHosts,
    suppressions: null,
    now: () => 0,
    timeoutMs: 1000,
    batchTimeoutMs: 1000,
    ...ports,
  });

test('a bounced address and one whose owner wants no mail have different messages', async () => {
  const entry = { reason: 'bounce', status: '5.1.1', source: null, scope: 'all', since: 0 };
  const verdictOf = async (found: object) =>
    (
      await batchOf({ suppressions: { find: () => [found as never] } }).validate({
        email: 'jane@brisk-otter.com',
      })
    ).message;
  expect(await verdictOf(entry)).toContain('bounced');
  expect(await verdictOf({ ...entry, reason: 'unsubscribe' })).not.toContain('bounced');
});

test.each([
  ['timeout', true],
  ['servfail', false],
  ['unconfirmed', false],
] as const)(
  'a domain that is undetermined by %s: unreached %s, and asked again',
  async (cause, unreached) => {
    const domains = createKnownDomains();
    const mailHost = { kind: 'undetermined', cause } as MailHost;
    const validator = batchOf({ mailHosts: { lookup: () => ({ mailHost, expires: 0 }) } });
    const list = await validator.judgeList([{ email: 'jane@brisk-otter.com' }], { asOf: 0, domains });
    expect(list.unreached.has('brisk-otter.com')).toBe(unreached);
    expect(domains.get('brisk-otter.com')).toBeUndefined();
  },
);

test('predictions are recorded for addresses, but neither for the sandbox nor for other texts', async () => {
  const recorded: string[] = [];
  const validator = batchOf({
    onJudged: (predictions) => recorded.push(...predictions.map(({ mailbox }) => mailbox.address)),
  });
  await validator.validateBatch(
    ['jane@brisk-otter.com', 'jane@presend.test', 'jane'].map((email) => ({ email })),
  );
  expect(recorded).toEqual(['jane@brisk-otter.com']);
});

test('a list whose domains are known is judged without a promise', async () => {
  const domains = createKnownDomains();
  const validator = batchOf({});
  const requests = [{ email: 'jane@brisk-otter.com' }];
  await validator.judgeList(requests, { asOf: 0, domains });
  expect(validator.judgeList(requests, { asOf: 0, domains })).not.toBeInstanceOf(Promise);
});

test('a row of a list says whether it was dated, and what its text was meant to be', async () => {
  const requests = [
    { email: 'jane@brisk-otter.com' },
    { email: 'jane@brisk-otter.com', lastVerifiedAt: 0 },
    { email: 'jane@@brisk-otter.com' },
    { email: '???' },
  ];
  const { judged } = await batchOf({}).judgeList(requests, { asOf: 0, domains: createKnownDomains() });
  expect(judged.map(({ dated }) => dated)).toEqual([false, true, false, false]);
  expect(judged.map(({ mailbox }) => mailbox?.address ?? null)).toEqual([
    'jane@brisk-otter.com',
    'jane@brisk-otter.com',
    null,
    null,
  ]);
  // A text with a correction is confirmed instead of rejected.
  expect(judged.map(({ didYouMean, judgement: { action } }) => [didYouMean, action])).toEqual([
    [null, 'accept'],
    [null, 'accept'],
    ['jane@brisk-otter.com', 'confirm'],
    [null, 'reject'],
  ]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 8.64e15 + 2])(
  'a last verification at %s is no date: the chance is that of an undated row',
  async (lastVerifiedAt) => {
    const requests = [{ email: 'jane@brisk-otter.com', lastVerifiedAt }, { email: 'jane@brisk-otter.com' }];
    const { judged } = await batchOf({}).judgeList(requests, { asOf: 0, domains: createKnownDomains() });
    expect(judged[0]!.bounce).toEqual(judged[1]!.bounce);
    expect(judged[0]!.dated).toBe(false);
  },
);

test('what a name tells decides, and corrects the suggestion', async () => {
  const validator = validatorOver({
    mailHosts,
    suppressions: null,
    now: () => 0,
    timeoutMs: 1000,
    batchTimeoutMs: 1000,
  });
  const verdicts = await validator.validateBatch(
    [
      'john_doe@gmail.com',
      'a@gmail.com',
      'jane.doe@gmail.com',
      'tim.o’connor@brisk-otter.com',
      'info_@gmail.com',
    ].map((email) => ({ email })),
  );
  expect(verdicts.verdicts.map(({ reason, result, didYouMean }) => [reason, result, didYouMean])).toEqual([
    ['impossible_mailbox', 'undeliverable', null],
    ['impossible_mailbox', 'risky', null],
    ['no_known_obstacle', 'deliverable', null],
    ['unlikely_characters', 'risky', "tim.o'connor@brisk-otter.com"],
    ['impossible_mailbox', 'undeliverable', null],
  ]);
});
