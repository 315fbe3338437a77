// Measures the classification of SMTP replies on labeled replies.

import { readFileSync } from 'node:fs';
import { classifyReply } from '../../src/bounce/classify.ts';
import { tally } from './confusion.ts';

interface ReplyCase {
  readonly reply: string;
  readonly class: string;
  readonly reason: string;
}

/** `file` has one JSON object per line with `reply`, `class` and `reason`. A case is right if the class agrees. */
export async function evaluate(file: string) {
  const cases = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReplyCase);
  return tally(
    cases.map((expected) => {
      const found = classifyReply(expected.reply);
      return {
        expected: expected.class,
        found: found.class,
        miss: `${expected.class}/${expected.reason}\t${found.class}/${found.reason} (${found.rule})\t${expected.reply.slice(0, 300)}`,
      };
    }),
  );
}
