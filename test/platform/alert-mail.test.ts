// Alerts by e-mail, to a mail server that speaks as much SMTP as it needs.

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { sendAlertMail } from '../../src/platform/alert-mail.ts';

/** Answers each command by its first word. Keeps the messages. */
async function mailServer(replies: Readonly<Record<string, string>> = {}) {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let data: string | null = null;
    socket.setEncoding('utf8');
    socket.write('220 mail.example ESMTP\r\n');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      if (data !== null) {
        data += text;
        if (!data.endsWith('\r\n.\r\n')) return;
        messages.push(data);
        data = null;
        socket.write('250 2.0.0 queued\r\n');
        return;
      }
      for (const line of text.split('\r\n').slice(0, -1)) {
        const word = line.split(/[ :]/)[0]!.toUpperCase();
        if (word === 'DATA') data = '';
        socket.write(`${replies[word] ?? (word === 'DATA' ? '354 go on' : '250 2.0.0 ok')}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, messages };
}

const mailTo = (smtpUrl: string) => ({
  smtpUrl,
  to: ['ops@example.com', 'lead@example.com'],
  from: 'presend@example.com',
  id: 'alert_1',
  subject: 'gmail refuses your mail.\r\nBcc: evil@example.com',
  text: 'Send less.\n',
  at: Date.UTC(2026, 10, 20, 12),
});

test('a message arrives, with an id that stays the same, and no header from its texts', async () => {
  const { url, messages } = await mailServer();
  expect(await sendAlertMail(mailTo(url))).toEqual({ kind: 'delivered' });
  const [head, body] = messages[0]!.split('\r\n\r\n');
  expect(head).toContain('Message-ID: <alert_1@example.com>');
  expect(head).toMatch(/^To: ops@example\.com, lead@example\.com/m);
  expect(head).toContain('Auto-Submitted: auto-generated');
  expect(head).not.toMatch(/^Bcc/m);
  expect(body).toContain('Send less.');
});

test('a refusal is told by its code, without its text or an address', async () => {
  const { url } = await mailServer({ RCPT: '550 5.7.1 ops@example.com is refused' });
  expect(await sendAlertMail(mailTo(url))).toEqual({ kind: 'failed', cause: 'SMTP 550', isFinal: false });
  expect(await sendAlertMail(mailTo('smtp://127.0.0.1:9'))).toMatchObject({
    kind: 'failed',
    cause: expect.stringMatching(/^(ESOCKET|ECONNREFUSED|ECONNECTION)$/),
  });
});
