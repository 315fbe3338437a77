// Finds privacy relays: services whose addresses are aliases that forward mail to the mailbox of a real person.

import { relays } from '../../data/packed/relays.js';
import { dataPart, entriesBy } from '../data-part.ts';

export const privacyRelays = dataPart({
  name: 'relays',
  builtIn: () => relays,
  ...entriesBy('\n', /^[a-z0-9-]+(?:\.[a-z0-9-]+)+ [\w-]+$/),
  build: (text) => new Map(text.split('\n').map((row) => row.split(' ') as [string, string])),
});

/**
 * The operator (`apple`, `simplelogin` …) of the privacy relay to which `domain` belongs, or null. `domain` is in lower-case
 * A-labels. A subdomain of a relay's domain counts too, because addy.io and 33mail give each user a subdomain.
 */
export const relayOperator = (domain: string): string | null => {
  const operators = privacyRelays.current();
  const exact = operators.get(domain);
  if (exact !== undefined) return exact;
  for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
    const operator = operators.get(domain.slice(dot + 1));
    if (operator !== undefined) return operator;
  }
  return null;
};
