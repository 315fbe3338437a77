// The mail that a request asks about, for requests that consult the suppression list.

import * as v from 'valibot';
import { listScope, mailPurposes } from '../suppression/scope.ts';

/** The mail in question, for requests that ask about suppression. */
export const mailQuestionFields = {
  purpose: v.optional(
    v.pipe(
      v.picklist(mailPurposes),
      v.description(
        'The purpose of the mail: `marketing` (the default), `transactional` (such as a password reset) or `signup` (the person is entering the address in a form).',
      ),
    ),
  ),
  list: v.optional(
    v.nullable(
      v.pipe(
        v.string(),
        v.check((text) => listScope(text) !== null, 'must be the name of a list'),
        v.description('The list that the mail belongs to, without `list:`.'),
      ),
    ),
  ),
};
