// The page at /, as far as no browser is needed.

import { expect, test } from 'vitest';
import { parseMailbox } from '../../src/address/parse.ts';
import { examples } from '../../src/http/pages/home.ts';
import { sandboxDomain, sandboxOutcomes } from '../../src/verdict/sandbox.ts';

test('every example is an outcome of the sandbox, and none is there twice', () => {
  for (const [label, email] of examples) {
    const parsed = parseMailbox(email);
    if (!parsed.ok) expect(email).toBe(`a..b@${sandboxDomain}`);
    else {
      expect(parsed.mailbox.domain).toBe(sandboxDomain);
      expect(Object.keys(sandboxOutcomes), label).toContain(parsed.mailbox.localPart);
    }
  }
  expect(new Set(examples.map(([, email]) => email)).size).toBe(examples.length);
});
