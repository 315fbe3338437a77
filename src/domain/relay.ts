// Finds privacy relays: services whose addresses are aliases of real people.

import { relays } from '../../data/packed/relays.js';

const operators = new Map(relays.split('\n').map((row) => row.split(' ') as [string, string]));

/**
 * The operator of the relay that `domain` or a parent of it belongs to (`apple`, `simplelogin` …), or null.
 * `domain` is in lower-case A-labels. Parents count, since addy.io and 33mail give each user a subdomain.
 */
export const relayOperator = (domain: string): string | null => {
  const exact = operators.get(domain);
  if (exact !== undefined) return exact;
  for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
    const operator = operators.get(domain.slice(dot + 1));
    if (operator !== undefined) return operator;
  }
  return null;
};
