// What evidence about a domain says when it is read together: the correction of its name.

import { expect, test } from 'vitest';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { takesNoMail, typoOf } from '../../src/signals/evidence.ts';
import { sandboxEvidence } from '../../src/verdict/sandbox.ts';

const mailbox = {
  localPart: 'jane',
  domain: 'presend.test',
  address: 'jane@presend.test',
  smtputf8: false,
  quoted: false,
};
const usual = sandboxEvidence(mailbox.address, mailbox, null, null);
const sure = { domain: 'example.com', confidence: 'likely' } as const;
const ifUnused = { domain: 'example.net', confidence: 'likely' } as const;

const without: readonly MailHost[] = [
  { kind: 'nxdomain' },
  { kind: 'null_mx' },
  { kind: 'no_mail_host' },
  { kind: 'unroutable', exchanges: [] },
];

test.each(without)('a domain with $kind takes no mail, so a protected name is corrected', (mailHost) => {
  expect(takesNoMail(mailHost)).toBe(true);
  const domain = { ...usual.domain, typo: null, typoIfUnused: ifUnused };
  expect(typoOf({ ...usual, domain, mailHost })).toBe(ifUnused);
});

test.each<MailHost>([usual.mailHost, { kind: 'undetermined', cause: 'timeout' }])(
  'a protected name is not corrected while its mail host is $kind',
  (mailHost) => {
    expect(takesNoMail(mailHost)).toBe(false);
    const domain = { ...usual.domain, typo: null, typoIfUnused: ifUnused };
    expect(typoOf({ ...usual, domain, mailHost })).toBeNull();
  },
);

test('a protected name that is parked is corrected', () => {
  const domain = { ...usual.domain, typo: null, typoIfUnused: ifUnused };
  const mailHostFacts = { ...usual.mailHostFacts, parked: true };
  expect(typoOf({ ...usual, domain, mailHostFacts })).toBe(ifUnused);
});

test('a misspelling is corrected whatever the DNS says', () => {
  const domain = { ...usual.domain, typo: sure, typoIfUnused: ifUnused };
  for (const mailHost of [usual.mailHost, ...without])
    expect(typoOf({ ...usual, domain, mailHost })).toBe(sure);
});

test('a name without any correction gets none, even if nobody uses it', () => {
  const domain = { ...usual.domain, typo: null };
  expect(typoOf({ ...usual, domain, mailHost: { kind: 'nxdomain' } })).toBeNull();
});
