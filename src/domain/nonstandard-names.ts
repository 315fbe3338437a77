// Mailbox domains whose names need not follow RFC 5321.

import { nonstandardNames } from '../../data/packed/nonstandard-names.js';

const domains: ReadonlySet<string> = new Set(nonstandardNames.split(' '));

/**
 * Whether the provider of `domain` (lower case) issued names with dots at the start, at the end or in a row. People
 * still use them, so such an address is valid there.
 */
export const hasNonstandardNames = (domain: string): boolean => domains.has(domain);
