// The page at /, as far as no browser is needed.

import { expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import { examples } from '../../src/http/pages/home.ts';
import { catalogue } from '../../src/signals/catalogue.ts';
import { sandboxDomain } from '../../src/verdict/sandbox.ts';

const sandboxMailboxes = catalogue.flatMap(({ outcomes }) => outcomes.map(({ sandbox }) => sandbox.mailbox));

test('every example is an outcome of the sandbox, and none is there twice', () => {
  for (const [label, email] of examples) {
    const parsed = parseMailbox(email);
    if (!parsed.ok) expect(email).toBe(`a..b@${sandboxDomain}`);
    else {
      expect(parsed.mailbox.domain).toBe(sandboxDomain);
      expect(sandboxMailboxes, label).toContain(parsed.mailbox.localPart);
    }
  }
  expect(new Set(examples.map(([, email]) => email)).size).toBe(examples.length);
});
