// Request fields and limits that several resources share.

import * as v from 'valibot';
import { isCalendarDay } from '../calendar.ts';

/** Maximum bytes of a request body with one address and its other fields. */
export const maxValidateBytes = 16 * 1024;
/** Maximum bytes of a request body with up to 1,000 addresses: about 500 for each address (at most 254) and its fields. */
export const maxBatchBytes = 512 * 1024;

/** Maximum number of addresses in one call. */
export const maxBatch = 1000;

/** A field for an address. The schema accepts any text, because most routes have their own answer to an invalid address. */
export const emailField = (description: string, example = 'jane@example.com') =>
  v.pipe(v.string(), v.description(description), v.examples([example]));

export const email = emailField(
  'The address as the person typed it. Any text is accepted: an invalid address gets a verdict too.',
  'jane@gmial.com',
);

/** For routes that reject an invalid address. */
export const validEmail = emailField(
  'One e-mail address. A text without an address, or with several, is an error (422).',
);

const timestampForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

export const timestamp = v.pipe(
  v.string(),
  v.regex(timestampForm, 'must be a date such as 2026-08-01 or 2026-08-01T12:00:00Z'),
  v.check(
    // If the text does not have the form of a date, the check above has already reported that.
    (text) =>
      !timestampForm.test(text) || (isCalendarDay(text.slice(0, 10)) && !Number.isNaN(Date.parse(text))),
    'has a day, a time or an offset that does not exist, such as 2026-02-30 or 25:00',
  ),
  v.examples(['2026-08-01T12:00:00Z']),
);

export const source = v.pipe(
  v.string(),
  v.maxLength(100, 'must be at most 100 characters long'),
  v.description('Where the address was collected, such as "footer-form". Do not use an e-mail address.'),
);

export const tooMany = `must have at most ${maxBatch} items`;

/** The schema with a description for the API document. */
export const described = <Schema extends v.GenericSchema>(schema: Schema, text: string) =>
  v.pipe(schema, v.description(text));

export const nullableString = v.nullable(v.string());

/** A time in a response, such as 2026-11-20T12:00:00.000Z. */
export const momentField = v.pipe(v.string(), v.isoTimestamp());

export const nullableMoment = v.nullable(momentField);

/** A day (UTC) in a response, such as 2026-11-20. */
export const dayField = v.pipe(v.string(), v.isoDate());

/** A number of things in a response. */
export const countField = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A probability, or a part of a whole, from 0 to 1. */
export const shareField = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
