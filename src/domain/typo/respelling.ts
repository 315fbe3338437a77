// Finds the domain of a provider whose name or ending was misspelled.

import type { TypoSuggestion } from '../facts.ts';
import { addCandidates, bestOf, type Candidate, withoutRuns } from './candidates.ts';
import { mailWords } from './ending.ts';
import { findName, typoModel } from './model.ts';
import { maxNationalCost, mayBeNational, repairNationalEnding } from './national.ts';
import { isPublicSuffix } from './suffix.ts';
import { suggestion } from './suggestion.ts';

/**
 * Minimum weight of a provider whose `name` is an ordinary word. If the provider has less weight, `renationalized` does not
 * correct the ending, because the name may belong to any company.
 */
const lightestWord = (name: string): number => (name.length < 4 ? 30 : 20);

/**
 * Corrects a misspelled national ending after the correctly typed name of a provider: yahoo.conuk becomes yahoo.co.uk. Null if
 * it is not clear which ending was intended. Undefined if the labels are not the name of a provider and such an ending.
 */
const renationalized = (labels: readonly string[]): TypoSuggestion | null | undefined => {
  const ending = labels.slice(1).join('.');
  const entry = findName(labels[0]!);
  if (entry === undefined || !mayBeNational(ending, entry)) return undefined;
  const isWord = mailWords.has(entry.name) || entry.targets[0]!.weight < lightestWord(entry.name);
  if (!entry.brand && isWord) return undefined;
  const exists = isPublicSuffix(ending);
  if (exists && (!entry.brand || !ending.includes('.'))) return undefined;
  const repaired = repairNationalEnding(ending, entry, exists ? 1 : maxNationalCost);
  if (repaired === null) return exists ? undefined : null;
  return suggestion(`${entry.name}.${repaired.suffix}`, repaired.isLikely && !exists);
};

/**
 * Finds the domain of a provider that was misspelled as `labels`. Null if it is not clear which domain was intended. Undefined
 * if no domain of a provider resembles the labels.
 */
export const respelt = (labels: readonly string[]): TypoSuggestion | null | undefined => {
  if (labels[1] === '') return null;
  const national = renationalized(labels);
  if (national !== undefined) return national;
  const name = withoutRuns(labels[0]!);
  const ending = labels.slice(1).join('.');
  const candidates: Candidate[] = [];
  addCandidates(name, ending, false, candidates);
  const glued = ending.replaceAll('.', name.includes('-') ? '-' : '');
  const hyphenated = name.slice(0, -glued.length - 1);
  if (name.endsWith(`-${glued}`) && typoModel().numbers.has(hyphenated))
    addCandidates(hyphenated, ending, true, candidates);
  if (name.endsWith(glued) && typoModel().numbers.has(name.slice(0, -glued.length)))
    addCandidates(name.slice(0, -glued.length), ending, true, candidates);
  if (labels.length > 2) {
    const rest = labels.slice(2).join('.');
    addCandidates(name + labels[1]!, rest, true, candidates);
    if (name.length < 3) addCandidates(`${name}.${labels[1]!}`, rest, false, candidates);
  }
  if (candidates.length === 0) return undefined;
  const best = bestOf(candidates);
  return best === null ? null : suggestion(best.domain, best.certain);
};
