// Measures how bounce messages are read and classified, on labeled messages.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ReportedRecipient, readReport } from '../../src/bounce/report.ts';
import { type Outcome, tally } from './confusion.ts';

interface BounceCase {
  /** Path of the message, relative to the file of cases. */
  readonly file: string;
  readonly recipients: readonly {
    readonly recipient: string | null;
    readonly class: string;
    readonly reason: string;
  }[];
}

/**
 * `file` has one JSON object per line with `file` and `recipients`. A case is one recipient of one message. It is right
 * if the report names the recipient and the class agrees with the label. A label whose recipient ends in `.invalid`
 * stands for the first recipient that the report names. If the recipient of a label is null and its class is in
 * `suppressing`, the case is right if the report names no recipient with such a class.
 */
export async function evaluate(file: string) {
  const outcomes: Outcome[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const { file: name, recipients } = JSON.parse(line) as BounceCase;
    const report = await readReport(readFileSync(join(dirname(file), name)));
    for (const expected of recipients) {
      if (expected.recipient === null && suppressing.has(expected.class)) {
        const wrong = report.recipients.find(
          (one) => suppressing.has(one.class) && (one.address ?? one.originalAddress) !== null,
        );
        outcomes.push({
          expected: 'nobody',
          found: wrong?.class ?? 'nobody',
          miss: `${name}\tnames ${wrong?.originalAddress ?? wrong?.address}, who is nobody's recipient`,
        });
        continue;
      }
      const found = named(report.recipients, expected.recipient);
      outcomes.push({
        expected: expected.class,
        found: found?.class ?? 'missing',
        miss: `${name}\t${expected.class}/${expected.reason} ${expected.recipient}\t${
          found
            ? `${found.class}/${found.reason} (${found.rule})`
            : `${report.kind} names ${report.recipients.map(({ address }) => address).join(', ') || 'nobody'}`
        }\t${(found?.diagnostic ?? '').slice(0, 300)}`,
      });
    }
  }
  return tally(outcomes);
}

/**
 * The classes that concern the recipient. For other classes, such as an automatic reply, it does not matter which
 * recipient the report names.
 */
const suppressing: ReadonlySet<string> = new Set(['hard', 'soft', 'policy', 'complaint']);

function named(recipients: readonly ReportedRecipient[], recipient: string | null) {
  const wanted = recipient?.toLowerCase() ?? '';
  const anyone = wanted === '' || wanted.endsWith('.invalid');
  return recipients.find(({ address }) => anyone || address?.toLowerCase() === wanted);
}
