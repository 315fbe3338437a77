// The body of the webhook `verdict.changed`.

import { toResponse } from '../verdict/response.ts';
import type { ProvenVerdict } from './pending-proofs.ts';

/** Whether the new verdict says something else than the earlier one. */
export const isChanged = ({ verdict, previous }: ProvenVerdict): boolean =>
  verdict.result !== previous.result ||
  verdict.reason !== previous.reason ||
  verdict.action !== previous.action;

export const verdictChangedBody = (proven: ProvenVerdict): string => {
  const { verdict, previous, at } = proven;
  return JSON.stringify({
    type: 'verdict.changed',
    timestamp: new Date(at).toISOString(),
    data: { changed: isChanged(proven), previous, verdict: toResponse(verdict, at - verdict.checkedAt) },
  });
};
