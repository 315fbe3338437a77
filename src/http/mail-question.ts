// Request fields that say which mail the caller wants to send. An entry of the suppression list may stop only some kinds of
// mail.

import * as v from 'valibot';
import { listScope, mailPurposes } from '../suppression/scope.ts';

export const listDescription =
  'Name of the mailing list that this mail is sent to, such as a SendGrid unsubscribe group or a Postmark stream. People who unsubscribed from this list then count as suppressed. Write `news`, not `list:news`.';

/** The fields `purpose` and `list`, for requests whose response depends on the suppression list. */
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
        v.check(
          (text) => listScope(text) !== null,
          'must be 1 to 100 characters, not only spaces, without @, line separators or control characters',
        ),
        v.description(listDescription),
      ),
    ),
  ),
};
