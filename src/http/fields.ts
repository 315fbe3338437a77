// Fields and limits that several resources share.

import * as v from 'valibot';

/** Bytes of a body with one address and its other fields. */
export const maxValidateBytes = 16 * 1024;
/** Bytes of a body with 1,000 addresses of 254 octets and their other fields. */
export const maxBatchBytes = 512 * 1024;

/** Addresses per call. */
export const maxBatch = 1000;

export const email = v.pipe(
  v.string(),
  v.description(
    'The address, as the person typed it. Anything is allowed: what is no address gets a verdict too.',
  ),
  v.examples(['jane@gmial.com']),
);

export const timestamp = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/,
    'Expected a date such as 2026-08-01 or 2026-08-01T12:00:00Z.',
  ),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'Expected a date that exists.'),
  v.examples(['2026-08-01T12:00:00Z']),
);

export const source = v.pipe(
  v.string(),
  v.maxLength(100, 'Expected at most 100 characters.'),
  v.description('Where the address came from, such as "footer-form". Not an address.'),
);

export const tooMany = `Expected at most ${maxBatch} addresses in one call.`;

export const nullableString = v.nullable(v.string());
