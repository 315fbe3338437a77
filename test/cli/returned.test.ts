// `presend bounce` and `presend reply`: what is printed about returned mail, and the exit status.

import { describe, expect, test } from 'vitest';
import { explainReply, explainReport } from '../../src/cli/returned.ts';
import { message, multipartReport, wordsOnly } from '../bounce/message.ts';
import { emptyFolder, presend } from './program.ts';

const explain = async (text: string, json = false) => {
  let output = '';
  const write = (part: string) => {
    output += part;
  };
  const status = await explainReport(new TextEncoder().encode(text), { json, write });
  return { status, output };
};

const dsn = (...fields: readonly string[]) =>
  multipartReport(
    'delivery-status',
    'About your mail.',
    ['Reporting-MTA: dns; mx.example.com', '', ...fields].join('\n'),
  );
const failed = ['Final-Recipient: rfc822; jane@example.org', 'Action: failed', 'Status: 5.1.1'];

describe('a message', () => {
  test('shows its kind, then each recipient with class, codes, action and deciding evidence', async () => {
    const { status, output } = await explain(dsn(...failed, 'Diagnostic-Code: smtp; 550 5.1.1 No such user'));
    expect(output).toMatch(
      /^A delivery status notification \(RFC 3464\)\n\njane@example\.org\n {2}hard {7}mailbox_unknown\n {2}code {7}550 5\.1\.1\n {2}action {5}suppress: .+\n {2}decided by .+\n$/,
    );
    expect(status).toBe(1);
  });

  test('shows "none" without a code', async () => {
    const { output } = await explain(
      message(
        ['From: jane@example.org', 'Subject: Out of office', 'Auto-Submitted: auto-replied'],
        'I am away.',
      ),
    );
    expect(output).toContain('An automatic reply (RFC 3834)\n');
    expect(output).toContain('  code       none\n');
  });

  test('a format in words is named', async () => {
    const { output } = await explain(
      wordsOnly('failure notice', '<jane@example.org>:\n550 5.1.1 No such user\n'),
    );
    expect(output).toMatch(/^A bounce in a nonstandard format \(\w+\)\n/);
  });

  test('shows the original recipient, and says if the recipient is hidden', async () => {
    const forwarded = await explain(dsn('Original-Recipient: rfc822; john@example.org', ...failed));
    expect(forwarded.output).toContain('\njohn@example.org\n');
    const hidden = await explain(
      multipartReport(
        'feedback-report',
        'A report.',
        'Feedback-Type: abuse\nVersion: 1\nUser-Agent: x/1',
        'Subject: x',
      ),
    );
    expect(hidden.output).toContain('\nunknown recipient: the message does not name one\n');
    expect(hidden.status).toBe(1);
  });

  test('any other message is one line with status 0', async () => {
    expect(await explain(message(['From: jane@example.org', 'Subject: Hello'], 'How are you?'))).toEqual({
      status: 0,
      output: 'Not a bounce, complaint or automatic reply\n',
    });
  });

  test('a soft bounce ends with 0', async () => {
    expect((await explain(dsn(failed[0]!, 'Action: failed', 'Status: 4.2.2'))).status).toBe(0);
  });

  test('--json has the same as one object', async () => {
    const { output } = await explain(dsn('Original-Recipient: rfc822; john@example.org', ...failed), true);
    expect(JSON.parse(output)).toMatchObject({
      kind: 'dsn',
      format: null,
      original_message_id: 'campaign-7@example.com',
      feedback_type: null,
      recipients: [{ email: 'john@example.org', class: 'soft', status: '5.1.1', reply_code: null }],
    });
  });
});

describe('a reply', () => {
  const reply = (text: string, json = false) => {
    let output = '';
    const write = (part: string) => {
      output += part;
    };
    return { status: explainReply(text, { json, write }), output };
  };

  test.each([
    ['550 5.1.1 No such user', 1],
    ['452 4.2.2 Mailbox full', 0],
    ['550 5.7.1 Blocked by Spamhaus', 0],
  ])('%s ends with %i', (text, status) => {
    expect(reply(text).status).toBe(status);
  });

  test('is explained as text or as an object', () => {
    expect(reply('550 5.1.1 No such user').output).toMatch(
      /^ {2}hard {7}mailbox_unknown\n {2}code {7}550 5\.1\.1\n/,
    );
    expect(JSON.parse(reply('550 5.1.1 No such user', true).output)).toMatchObject({
      class: 'hard',
      reply_code: 550,
    });
  });
});

describe('the commands', () => {
  test('a message comes from standard input, a reply from all arguments', async () => {
    const bounce = await presend(['bounce', '--json', '-'], { input: dsn(...failed) });
    expect([bounce.status, JSON.parse(bounce.stdout).kind]).toEqual([1, 'dsn']);
    const reply = await presend(['reply', '550', '5.1.1', 'No such user'], { cwd: emptyFolder() });
    expect([reply.status, reply.stdout]).toEqual([1, expect.stringContaining('550 5.1.1')]);
  });

  test.each([[['bounce']], [['bounce', '-', '-']], [['reply']]])('%j is not understood', async (args) => {
    expect((await presend(args)).status).toBe(2);
  });
});
