// Whether a provider closed, and how certain that is.

import { expect, test } from 'vitest';
import { findRetirement } from '../../src/domain/retired.ts';

test.each([
  ['a provider that closed, by a public page', 'voila.fr', 'verified'],
  ['a provider that closed, by a public page', 'skiff.com', 'verified'],
  ['a provider of whose end no page is known', 'bigfoot.com', 'unverified'],
  ['a company that may still use the domain itself', 'orange.es', 'unverified'],
  ['a provider that is alive', 'gmail.com', null],
  ['a subdomain of a provider that closed', 'mail.voila.fr', null],
])('%s: %s', (_, domain, retirement) => {
  expect(findRetirement(domain)).toBe(retirement);
});
