// The words for what is known about mailboxes, for people.

import type { ProvenAs } from '../address/mailbox-proof.ts';

export const provenLabels: Readonly<Record<ProvenAs, string>> = {
  none: 'Nothing',
  delivered: 'Your mail was delivered',
  engaged: 'The person opened, clicked or replied',
  bounced: 'Your mail bounced',
  delivered_catch_all: 'Catch-all by your mail',
  smtp_exists: 'The host says it exists',
  smtp_unknown: 'The host says it does not exist or is disabled',
  smtp_full: 'The host says it is full',
  smtp_catch_all: 'Catch-all by its host',
  smtp_unprovable: 'The host proves nothing',
};

/** By `ProofOutcomes.told`. */
export const answerLabels: Readonly<Partial<Record<string, string>>> = {
  exists: 'It exists',
  unknown_user: 'It does not exist',
  disabled: 'It is disabled',
  full: 'It is full',
  catch_all: 'Any name is accepted',
};
