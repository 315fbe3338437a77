// Measures the reading of whole bounces against labelled ones.

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
 * `file`: one JSON object a line with `file` and `recipients`. A case is one recipient of one message; right means that
 * the report names the recipient and that the class agrees. A label with a placeholder that cannot exist (.invalid) stands
 * for the recipient that the report names, if any. A label whose recipient is null says that the report names nobody: right
 * means that no address is named.
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

/** Classes that concern the recipient; whom an automatic reply names does not matter. */
const suppressing: ReadonlySet<string> = new Set(['hard', 'soft', 'policy', 'complaint']);

function named(recipients: readonly ReportedRecipient[], recipient: string | null) {
  const wanted = recipient?.toLowerCase() ?? '';
  const anyone = wanted === '' || wanted.endsWith('.invalid');
  return recipients.find(({ address }) => anyone || address?.toLowerCase() === wanted);
}
