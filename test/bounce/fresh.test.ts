// Replies and messages that were labelled before the rules had seen them: test/bounce/fresh holds them, with the labels.
//
// *.tsv: class, reason (`*`: not labelled), reply (`\n`: line end), and the command that it answers, if known.
// messages*.txt: a line `%%% CLASS RECIPIENT [; CLASS RECIPIENT …] | TITLE`, then the message. Recipient `null`: nobody may
// be suppressed or counted; `*`: whoever it names.

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';
import { type BounceReport, readReport } from '../../src/bounce/report.ts';

const folder = new URL('./fresh/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8');
const files = readdirSync(folder).sort();

const replies = files
  .filter((file) => file.endsWith('.tsv'))
  .flatMap((file) => read(file).split('\n'))
  .filter((line) => line !== '')
  .map((line) => {
    const [expected = '', reason = '', reply = '', command] = line.split('\t');
    return {
      expected,
      reason,
      reply: reply.replaceAll('\\n', '\n'),
      context: command === undefined ? {} : { command },
    };
  });

test.each(replies)('$expected: $reply', ({ expected, reason, reply, context }) => {
  const found = classifyReply(reply, context);
  expect(found.class).toBe(expected);
  if (reason !== '*') expect(found.reason).toBe(reason);
});

test('a fresh reply with its first digit turned to 4 is never hard', () => {
  const permanent = replies.filter(({ reply }) => /^5\d\d\b/.test(reply));
  expect(permanent.length).toBeGreaterThan(300);
  const transient = permanent.map(({ reply }) =>
    reply.replace(/(?<![\d.])5(\d\d)(?=[ -])/g, '4$1').replace(/(?<![\d.])5(\.\d{1,3}\.\d{1,3})\b/g, '4$1'),
  );
  expect(transient.filter((reply) => classifyReply(reply).class === 'hard')).toEqual([]);
});

test('the class never depends on the address in the reply', () => {
  const tricky = fc.constantFrom(
    'spam@example.net',
    'mailbox.full@blocked.example',
    'unknown@unknown.example',
    'no-such-user@quota.example',
    'sender.rejected@blacklist.example',
    'abuse+policy@virus.example',
    'x@localhost.example',
  );
  const address = /[\w.+-]+@[\w.-]+\w/g;
  const named = replies.filter(({ reply }) => reply.search(address) !== -1);
  expect(named.length).toBeGreaterThan(70);
  fc.assert(
    fc.property(fc.constantFrom(...named), tricky, ({ reply, expected, context }, other) => {
      expect(classifyReply(reply.replaceAll(address, other), context).class).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});

test('the class never depends on the name of the host in the reply', () => {
  const named = replies.filter(({ reply }) => /\bmx\.example\.net\b/.test(reply));
  expect(named.length).toBeGreaterThan(5);
  for (const { reply, expected, context } of named)
    for (const host of [
      'quarantine.example.net',
      'unknown.example',
      'mx-blocked.full.example',
      'user-unknown.example',
    ])
      expect(classifyReply(reply.replaceAll('mx.example.net', host), context).class, host).toBe(expected);
});

const counted = new Set(['hard', 'soft', 'policy', 'complaint']);

/** What the report says about a recipient: its class, or `nobody`. */
function found(report: BounceReport, recipient: string): string {
  if (recipient === 'null') {
    const one = report.recipients.find(
      ({ class: is, address, originalAddress }) => counted.has(is) && (address ?? originalAddress) !== null,
    );
    return one ? `${one.class} ${one.address}` : 'nobody';
  }
  const one = report.recipients.find(
    ({ address, originalAddress }) =>
      recipient === '*' || (originalAddress ?? address)?.toLowerCase() === recipient,
  );
  return one?.class ?? 'nobody';
}

const messages = files
  .filter((file) => file.endsWith('.txt'))
  .flatMap((file) => read(file).split(/^%%% /m).slice(1))
  .map((block) => {
    const end = block.indexOf('\n');
    const [labels = '', title = ''] = block.slice(0, end).split(' | ');
    return { title, labels: labels.split(' ; '), raw: block.slice(end + 1).replace(/\r?\n/g, '\r\n') };
  });

describe.each(messages)('$title', ({ labels, raw }) => {
  test.each(labels)('%s', async (label) => {
    const [expected = '', recipient = ''] = label.trim().split(' ');
    const is = found(await readReport(raw), recipient);
    if (recipient === 'null') expect(is).toBe('nobody');
    else if (expected === 'none') expect(['none', 'nobody']).toContain(is);
    else expect(is).toBe(expected);
  });
});
