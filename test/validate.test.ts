// The spine over ports that do not answer.

import { expect, test } from 'vitest';
import { domainList, type OwnLists } from '../src/domain/own-lists.ts';
import { validatorOver } from '../src/validate.ts';

const mailHosts = {
  lookUp: () => ({ kind: 'mx' as const, exchanges: [{ preference: 10, host: 'mx.brisk-otter.com' }] }),
};

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
