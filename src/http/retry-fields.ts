// The fields of an answer that say when and how often to try again after a bounce.

import * as v from 'valibot';
import type { RetryAdvice } from '../bounce/retry-advice.ts';
import { retryBases } from '../bounce/retry-bases.ts';
import { countField, described } from './fields.ts';

export const retryFields = {
  retry_after: described(
    v.nullable(countField),
    'How many seconds after the bounce to send the message again. Null: do not send it again, because it would fail again. Only soft bounces and temporary refusals of the sender have a value.',
  ),
  retries: described(
    v.nullable(countField),
    'How many more times to send the message at most. Each wait must be twice as long as the one before it. 0: the same message would fail again. Null: the bounce is not temporary.',
  ),
  retry_within: described(
    v.nullable(countField),
    'How many seconds after the bounce to give up. Null if `retry_after` is null.',
  ),
  retry_basis: described(
    v.nullable(v.picklist(retryBases)),
    'How `retry_after` was chosen. `reply`: the SMTP reply names the time. `reply_cut`: the SMTP reply names a time under 1 second or over 5 days, so the nearest of these limits is used. `provider`: a fixed time for such replies of this mailbox provider. `reason`: the usual time for the reason of the bounce. New values may be added.',
  ),
};

export const retryJson = (advice: RetryAdvice | null) => ({
  retry_after: advice?.after ?? null,
  retries: advice?.retries ?? null,
  retry_within: advice?.within ?? null,
  retry_basis: advice?.basis ?? null,
});
