// Compiles the rules of data/bounce-rules.txt, which are in order of priority, and indexes them by the first words of their
// phrases.

import { bounceRules, type PackedRule } from '../../data/packed/bounce-rules.ts';
import type { BounceReason, Fault } from './bounce.ts';
import type { SmtpCommand } from './command.ts';
import { type Beginning, beginnings, type Phrase, parsePhrase, phraseAt } from './phrase.ts';
import { WordMap } from './word-map.ts';

export interface RuleInput {
  readonly words: readonly string[];
  readonly replyCode: string;
  readonly status: string;
  readonly command: SmtpCommand | null;
  /** The reply and the name of the mail host, in lower case. The condition `host=` looks for a text in them. */
  readonly hosts: string;
}

export interface Rule {
  readonly name: string;
  /** The party that the rule blames. */
  readonly fault: Fault;
  readonly reason: BounceReason;
  /** Position of the rule in the file. If several rules match, the first one decides. */
  readonly order: number;
  /** The conditions of the rule. All of them must hold. */
  readonly when: readonly ((input: RuleInput) => boolean)[];
  /** True for a rule with the condition `certain`: it decides even if another rule blames another party. */
  readonly certain: boolean;
  /** True for a rule with the condition `clear`: the rules after `@doubt` do not decide against it. */
  readonly clear: boolean;
}

export interface RuleSet {
  /** The first matching rule with `from` <= order < `to`, or null. Skips rules that blame the party `excluded`. */
  first(input: RuleInput, from: number, to: number, excluded?: Fault | null): Rule | null;
  /** Whether the reply is about the sender: a phrase of the pseudo rule `@sender` matches. */
  aboutSender(input: RuleInput): boolean;
  /** Position of the marker `@decisive` in the file. Rules before it outrank even a decisive status. */
  readonly decisiveOrder: number;
  /**
   * Position of the marker `@status`. The rules after this position are used only if the reply has no enhanced status
   * that `data/enhanced-status.tsv` calls definite.
   */
  readonly statusOrder: number;
  /**
   * Position of the marker `@generic`. The rules from there on are too general to contradict a rule that blames the
   * recipient.
   */
  readonly genericOrder: number;
  /** Position of the marker `@doubt`, after the last rule that decides on its own. */
  readonly end: number;
  /**
   * The rule that names the other party that the words may mean instead of the recipient, or null. It is the first match after
   * `@doubt` in `input`, or after `@doubt-clause` in every one of `clauses`, the parts of the reply that blame the recipient.
   */
  doubt(input: RuleInput, clauses: readonly (readonly string[])[]): Rule | null;
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
      throw new Error(`unknown condition in the bounce rules: ${source}`);
  }
}

/** The conditions that do not depend on the reply. */
const marks = ['certain', 'clear'];

/** The name of the pseudo rule whose phrases occur only in replies about the sender. */
const senderMark = '@sender';

export function compileRules(packed: readonly PackedRule[]): RuleSet {
  const index = new WordMap<{ phrase: Phrase; beginning: Beginning; rule: Rule }>();
  let statusOrder = packed.length;
  let senderOrder = -1;
  let decisiveOrder = 0;
  let genericOrder = packed.length;
  let doubtOrder = packed.length;
  let clauseOrder = packed.length;
  packed.forEach(([name, fault, reason, conditions, phrases], order) => {
    if (name === '@status') statusOrder = order;
    if (name === senderMark) senderOrder = order;
    if (name === '@decisive') decisiveOrder = order;
    if (name === '@generic') genericOrder = order;
    if (name === '@doubt') doubtOrder = order;
    if (name === '@doubt-clause') clauseOrder = order;
    const rule: Rule = {
      name,
      fault: fault as Fault,
      reason: reason as BounceReason,
      order,
      when: conditions.filter((source) => !marks.includes(source)).map(condition),
      certain: conditions.includes('certain'),
      clear: conditions.includes('clear'),
    };
    for (const source of phrases) {
      const phrase = parsePhrase(source);
      for (const beginning of beginnings(phrase)) index.add(beginning.pattern, { phrase, beginning, rule });
    }
  });

  // A reply is searched several times, for different ranges of rules. Keep the phrases that can begin at its words for the next
  // search.
  let searched: { words: readonly string[]; begun: ReturnType<typeof index.get>[] } = {
    words: [],
    begun: [],
  };
  const begunBy = (words: readonly string[]) => {
    if (searched.words !== words) searched = { words, begun: words.map((word) => index.get(word)) };
    return searched.begun;
  };

  const first: RuleSet['first'] = (input, from, to, excluded) => {
    let best: Rule | null = null;
    let limit = to;
    const begun = begunBy(input.words);
    for (let at = 0; at < begun.length; at++)
      for (const entries of begun[at]!)
        for (const { phrase, beginning, rule } of entries) {
          if (rule.order >= limit) break;
          if (rule.order < from || rule.fault === excluded) continue;
          if (rule.order === senderOrder && from !== senderOrder) continue;
          if (!phraseAt(phrase, beginning, input.words, at)) continue;
          if (!rule.when.every((holds) => holds(input))) continue;
          best = rule;
          limit = rule.order;
          break;
        }
    return best;
  };
  const doubt: RuleSet['doubt'] = (input, clauses) => {
    const other = first(input, doubtOrder, clauseOrder);
    if (other !== null) return other;
    const found = clauses.map((words) => first({ ...input, words }, clauseOrder, packed.length));
    return found.includes(null) ? null : (found[0] ?? null);
  };
  return {
    decisiveOrder,
    statusOrder,
    genericOrder: Math.min(genericOrder, statusOrder),
    end: doubtOrder,
    doubt,
    first,
    aboutSender: (input) => senderOrder >= 0 && first(input, senderOrder, senderOrder + 1) !== null,
  };
}

let compiled: RuleSet | null = null;

/** The rules. They are compiled on first use. */
export function rules(): RuleSet {
  compiled ??= compileRules(bounceRules);
  return compiled;
}
