// Builds the answer of the typo engine.

import type { TypoSuggestion } from '../facts.ts';

export const suggestion = (domain: string, certain: boolean): TypoSuggestion => ({
  domain,
  confidence: certain ? 'likely' : 'possible',
});
