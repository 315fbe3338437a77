// The fields of an answer that say when and how often to try again after a bounce.

import * as v from 'valibot';
import type { RetryAdvice } from '../bounce/retry-advice.ts';
import { retryBases } from '../bounce/retry-bases.ts';
import { countField, described } from './fields.ts';

export const retryFields = {
  retry_after: described(
    v.nullable(countField),
    'Seconds from the bounce until the next try. Null: do not try again, or the same message would fail again. Set for every soft bounce that another try can mend, and for temporary refusals of the sender.',
  ),
  retries: described(
    v.nullable(countField),
    'How many more times to try at most, each wait twice as long as the one before it. 0: the same message would fail again. Null: the bounce is not temporary.',
  ),
  retry_within: described(v.nullable(countField), 'Seconds from the bounce after which to give up.'),
  retry_basis: described(
    v.nullable(v.picklist(retryBases)),
    'Where `retry_after` is from. `reply`: the reply names it. `reply_cut`: the reply names a time outside of 1 second to 5 days, so it was cut. `provider`: what the provider says about such replies. `reason`: the reason of the bounce. New values may be added.',
  ),
};

export const retryJson = (advice: RetryAdvice | null) => ({
  retry_after: advice?.after ?? null,
  retries: advice?.retries ?? null,
  retry_within: advice?.within ?? null,
  retry_basis: advice?.basis ?? null,
});
