// The ordered rules of data/bounce-rules.txt, indexed by the words that their phrases begin with.

import { bounceRules, type PackedRule } from '../../data/packed/bounce-rules.ts';
import type { BounceReason } from './bounce.ts';
import type { SmtpCommand } from './command.ts';
import { firstWords, type Phrase, parsePhrase, phraseAt } from './phrase.ts';

export interface RuleInput {
  readonly words: readonly string[];
  readonly replyCode: string;
  readonly status: string;
  readonly command: SmtpCommand | null;
  /** Lower case: where the words that name a host are looked for. */
  readonly hosts: string;
}

export interface Rule {
  readonly name: string;
  readonly reason: BounceReason;
  /** Where it stands; a lower one goes first. */
  readonly order: number;
  readonly when: readonly ((input: RuleInput) => boolean)[];
}

export interface RuleSet {
  /** The best rule whose order is at least `from` and below `to`, or null. */
  first(input: RuleInput, from: number, to: number): Rule | null;
  /** The order at which the definite enhanced statuses are asked. */
  readonly statusOrder: number;
  readonly end: number;
}

const glob = (pattern: string, subject: string) =>
  pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : pattern === subject;
const digits = (pattern: string, code: string) =>
  code.length === pattern.length && [...pattern].every((digit, at) => digit === '?' || digit === code[at]);

function condition(source: string): (input: RuleInput) => boolean {
  const [key, value = ''] = source.split('=');
  const choices = value.split('|');
  switch (key) {
    case 'code':
      return ({ replyCode }) => choices.some((choice) => digits(choice, replyCode));
    case 'status':
      return ({ status }) => choices.some((choice) => glob(choice, status));
    case 'command':
      return ({ command }) => choices.includes(command ?? '');
    case 'host':
      return ({ hosts }) => choices.some((choice) => hosts.includes(choice));
    default:
      throw new Error(`unknown condition: ${source}`);
  }
}

export function compileRules(packed: readonly PackedRule[]): RuleSet {
  const index = new Map<string, { phrase: Phrase; rule: Rule }[]>();
  let statusOrder = packed.length;
  packed.forEach(([name, reason, conditions, phrases], order) => {
    if (name === '@status') statusOrder = order;
    const rule: Rule = { name, reason: reason as BounceReason, order, when: conditions.map(condition) };
    for (const source of phrases) {
      const phrase = parsePhrase(source);
      for (const word of firstWords(phrase)) {
        const entries = index.get(word);
        if (entries === undefined) index.set(word, [{ phrase, rule }]);
        else entries.push({ phrase, rule });
      }
    }
  });

  return {
    statusOrder,
    end: packed.length,
    first(input, from, to) {
      let best: Rule | null = null;
      let limit = to;
      for (let at = 0; at < input.words.length; at++) {
        const entries = index.get(input.words[at]!);
        if (entries === undefined) continue;
        for (const { phrase, rule } of entries) {
          if (rule.order >= limit) break;
          if (rule.order < from) continue;
          if (!phraseAt(phrase, input.words, at)) continue;
          if (!rule.when.every((holds) => holds(input))) continue;
          best = rule;
          limit = rule.order;
          break;
        }
      }
      return best;
    },
  };
}

let compiled: RuleSet | null = null;

/** Compiled at the first use: a process that never sees a bounce does not pay for it. */
export function rules(): RuleSet {
  compiled ??= compileRules(bounceRules);
  return compiled;
}
