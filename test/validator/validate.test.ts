// The spine over ports that do not answer.

import { expect, test } from 'vitest';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { domainList, noOwnLists, type OwnLists } from '../../src/overrides/own-lists.ts';
import { validatorOver } from '../../src/validator/validate.ts';
import { createKnownDomains } from '../../src/verdict/known-domains.ts';

const someHost: MailHost = { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.brisk-otter.com' }] };

const mailHosts = { lookUp: () => ({ mailHost: someHost, expires: 0 }) };

const denied: OwnLists = {
  allow: domainList([]),
  deny: domainList([{ domain: 'brisk-otter.com', beneath: false }]),
};

test('own lists that do not come are not waited for, and those of before go on counting', async () => {
  const answers = [denied, new Promise<OwnLists>(() => {})];
  const validator = validatorOver({
    mailHosts,
    suppressions: null,
    ownLists: () => answers.shift()!,
    now: () => 0,
    timeoutMs: 1,
    batchTimeoutMs: 1,
  });
  const reason = async () => (await validator.validate({ email: 'jane@brisk-otter.com' })).reason;
  expect([await reason(), await reason()]).toEqual(['denied_domain', 'denied_domain']);
});

test('what was learned is not waited for either: the verdict comes with its prior', async () => {
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
  const lists = Promise.withResolvers<OwnLists>();
  const validator = validatorOver({
    mailHosts: { lookUp: () => ({ mailHost: found.shift()!, expires: 0 }) },
    suppressions: null,
    ownLists: () => lists.promise,
    now: () => 0,
    timeoutMs: 10_000,
    batchTimeoutMs: 10_000,
  });
  const both = Promise.all([1, 2].map(() => validator.validate({ email: 'jane@brisk-otter.com' })));
  lists.resolve(noOwnLists);
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

test('what verdicts share cannot be changed by whoever has one', async () => {
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
