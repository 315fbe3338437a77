// Properties of the classification: transient replies, registered texts, the sender's fault.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';
import { readReport } from '../../src/bounce/report.ts';
import { enhancedStatus } from '../../src/bounce/status.ts';
import { dayMs } from '../../src/durations.ts';
import { decideSuppression, type SoftRun } from '../../src/suppression/rules.ts';

const data = (file: string) =>
  readFileSync(new URL(`../../data/${file}`, import.meta.url), 'utf8').split('\n');
const samples = data('bounce-rules.txt').flatMap((line) => (line.startsWith('> ') ? [line.slice(2)] : []));
const fresh = (ending: string) => {
  const folder = new URL('./fresh/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith(ending));
  return files.map((file) => readFileSync(new URL(file, folder), 'utf8'));
};
const freshReplies = fresh('.tsv').flatMap((file) =>
  file.split('\n').map((line) => (line.split('\t')[2] ?? '').replaceAll('\\n', '\n')),
);
const freshMessages = fresh('.txt').flatMap((file) =>
  file
    .split(/^%%% .*\n/m)
    .slice(1)
    .map((message) => message.replace(/\r?\n/g, '\r\n')),
);

const permanentCode = /\b5[0-7]\d\b|\b5\.\d{1,3}\.\d{1,3}\b/;
const transientOf = (text: string) =>
  text.replace(/\b5([0-7]\d)\b/g, '4$1').replace(/\b5(\.\d{1,3}\.\d{1,3})\b/g, '4$1');

/** Whether eight messages over two weeks that fail with this reply put the recipient on the suppression list. */
function suppresses(reply: string): boolean {
  const { class: is, reason, status } = classifyReply(reply);
  let run: SoftRun | null = null;
  for (let message = 0; message < 8; message++) {
    const at = message * 2 * dayMs;
    const bounce = { kind: 'bounce', class: is, reason, status, messageId: `${message}`, at } as const;
    const decision = decideSuppression(run, bounce);
    if (decision.kind === 'suppress') return true;
    run = decision.run;
  }
  return false;
}

const registered = data('enhanced-status.tsv')
  .filter((line) => /^[45]\./.test(line))
  .map((line) => line.split('\t'));

test('a permanent sample of the project with its first digit turned to 4 is never hard', () => {
  const permanent = [...samples, ...freshReplies].filter((text) => permanentCode.test(text));
  expect(permanent.length).toBeGreaterThan(1300);
  expect(permanent.map(transientOf).filter((text) => classifyReply(text).class === 'hard')).toEqual([]);
});

test('neither is the recipient of a message whose replies and statuses are turned to 4', async () => {
  const permanent = freshMessages.filter((message) => permanentCode.test(message));
  expect(permanent.length).toBeGreaterThan(90);
  const hard = [];
  for (const message of permanent)
    hard.push(
      ...(await readReport(transientOf(message))).recipients.filter(
        // A final report that the domain does not exist needs no reply of a server.
        ({ class: is, reason, replyCode }) =>
          is === 'hard' && !(reason === 'domain_unknown' && replyCode === null),
      ),
    );
  expect(hard).toEqual([]);
});

test.each([
  ['stat="450 Invalid recipient: <jane@example.org>"', 450, 'soft'],
  ["reply='450 4.1.1 user unknown'", 450, 'soft'],
  ['response=550 User unknown', 550, 'hard'],
  ['delay=450, status=bounced (host mx.example.org said: 550 User unknown)', 550, 'hard'],
])('the code of %s is %i', (text, code, is) => {
  expect(classifyReply(text)).toMatchObject({ replyCode: code, class: is });
});

test('every registered text has the class and the reason of its bare code', () => {
  expect(registered.length).toBeGreaterThanOrEqual(213);
  const wrong = registered.flatMap(([range = '', , , meaning = '']) => {
    const [status = ''] = range.split('-');
    const code = status.startsWith('4') ? '450' : '550';
    const bare = classifyReply(`${code} ${status}`);
    return [`${code} ${status} ${meaning}`, `${status} ${meaning}`]
      .map((text) => ({ text, found: classifyReply(text) }))
      .filter(({ found }) => found.class !== bare.class || found.reason !== bare.reason)
      .map(({ text, found }) => `${text}: ${found.reason} instead of ${bare.reason}`);
  });
  expect(wrong).toEqual([]);
});

test('a reply about the sender suppresses nobody, however often it comes', () => {
  const faults = [
    'does not exist',
    'is unknown',
    'not found',
    'is invalid',
    'has null MX',
    'has been disabled',
    'is not a valid mailbox',
    'has no MX record',
    'was rejected: user unknown',
  ];
  const subjects = [
    'Sender address',
    'Sender domain',
    'The domain of the sender',
    'The envelope sender',
    'The return path',
    'Your domain',
    'Your host',
    'The From domain',
    'The sending domain',
    'The originating domain',
  ];
  const codes = [
    '550',
    '550 5.1.7',
    '550 5.1.8',
    '550 5.7.1',
    '550 5.7.27',
    '554 5.7.26',
    '553',
    '550 5.1.1',
    '450',
    '451 4.1.8',
    '450 4.7.1',
    '421 4.7.0',
    '450 4.7.25',
  ];
  const replies = codes.flatMap((code) =>
    subjects.flatMap((subject) => faults.map((fault) => `${code} ${subject} ${fault}`)),
  );
  expect(replies.length).toBeGreaterThanOrEqual(1000);
  expect(replies.filter(suppresses)).toEqual([]);
});

test('a reply about authentication, encryption or the reputation of the host suppresses nobody', () => {
  const words = [
    'Client host [192.0.2.1] blocked using bl.example',
    'IP address 192.0.2.1 is listed',
    'Your IP has a poor reputation',
    'The sending server has no reverse DNS',
    'PTR record not found for 192.0.2.1',
    'SPF check failed',
    'DKIM signature did not verify',
    'DMARC policy rejects the message',
    'TLS is required',
    'Too many connections from your host',
    'You are sending too fast',
    'Your message was classified as spam',
    'Authentication is required',
    'Relaying denied',
    'Sender is on a blocklist',
  ];
  // x.7.17 and x.7.18 are about the owner of the mailbox (RFC 7293); servers use x.7.13 for a disabled mailbox as well.
  const aboutMailbox = /^[45]\.7\.1[378]$/;
  const statuses = registered
    .map(([range = '']) => range.split('-')[0]!)
    .filter((status) => /^[45]\.(?:7\.\d+|1\.[78])$/.test(status) && !aboutMailbox.test(status));
  const replies = ['450', '550', ...statuses.map((status) => `${status[0]}50 ${status}`)].flatMap((codes) =>
    words.map((text) => `${codes} ${text}`),
  );
  expect(replies.length).toBeGreaterThanOrEqual(500);
  expect(replies.filter(suppresses)).toEqual([]);
});

test('a decisive status about authentication or reputation is never hard, whatever the words', () => {
  const words = ['User unknown', 'mailbox disabled', 'no such domain', 'account does not exist'];
  const decisive = registered
    .map(([range = '']) => range.split('-')[0]!)
    .filter((status) => /^5\.7\./.test(status) && enhancedStatus(status)?.weight === 'decisive');
  const hard = decisive.flatMap((status) =>
    words
      .filter((text) => classifyReply(`550 ${status} ${text}`).class === 'hard')
      .map((text) => `${status} ${text}`),
  );
  expect(hard).toEqual([]);
});

test('a reply about the sender, its host or the content is never hard, in any language', () => {
  const about: [readonly string[], readonly string[]][] = [
    [
      ['Absender', 'Absenderadresse', 'Ihre IP-Adresse'],
      ['existiert nicht', 'unbekannt', 'ungültig', 'gesperrt', 'abgelehnt'],
    ],
    [
      ["Adresse de l'expéditeur", 'Expéditeur', 'Adresse IP'],
      ["n'existe pas", 'inconnue', 'invalide', 'bloquée', 'refusée'],
    ],
    [
      ['Remitente', 'Dirección IP', 'El dominio del remitente'],
      ['no existe', 'desconocido', 'inválido', 'bloqueado', 'rechazado'],
    ],
    [
      ['Mittente', 'Indirizzo IP'],
      ['non esiste', 'sconosciuto', 'non valido', 'bloccato', 'rifiutato'],
    ],
    [
      ['Remetente', 'Endereço IP'],
      ['não existe', 'desconhecido', 'inválido', 'bloqueado', 'recusado'],
    ],
    [
      ['Afzender', 'IP-adres'],
      ['bestaat niet', 'onbekend', 'ongeldig', 'geblokkeerd', 'geweigerd'],
    ],
    [
      ['Nadawca', 'Adres IP'],
      ['nie istnieje', 'nieznany', 'nieprawidłowy', 'zablokowany', 'odrzucony'],
    ],
    [
      ['Отправитель', 'Адрес отправителя', 'IP-адрес'],
      ['не существует', 'не найден', 'заблокирован', 'отклонен'],
    ],
    [
      ['发件人', '发件人地址'],
      ['不存在', '无效', '拒绝'],
    ],
    [
      ['送信者', '送信者のアドレス'],
      ['存在しません', '見つかりません', '拒否'],
    ],
    [
      ['Attachment', 'Message header', 'Reply-To address', 'The URL in the message body', 'From header'],
      ['is invalid', 'is unknown', 'does not exist', 'not found', 'is not valid'],
    ],
    [
      ['HELO host', 'Client host', 'Your server', 'PTR record', 'The connecting host'],
      ['does not exist', 'is unknown', 'not found', 'is invalid', 'is disabled'],
    ],
  ];
  const codes = ['550', '554', '553', '550 5.7.1', '554 5.7.0', '550 5.0.0'];
  const replies = about.flatMap(([subjects, faults]) =>
    subjects.flatMap((subject) =>
      faults.flatMap((fault) => codes.map((code) => `${code} ${subject} ${fault}`)),
    ),
  );
  expect(replies.length).toBeGreaterThanOrEqual(700);
  expect(replies.filter((text) => classifyReply(text).class === 'hard')).toEqual([]);
});

test('a reply that also blames another party, or that is not sure, is never hard', () => {
  const dead = [
    '550 User unknown',
    '550 5.1.1 <jane@example.org>: Recipient address rejected: User unknown',
    '550 No such user here',
    '550 5.2.1 Mailbox disabled',
    '550 The account has been closed',
    '550 Benutzer unbekannt',
    '550 5.7.1 Mailbox does not exist',
    '550 Unrouteable address',
  ];
  const others = [
    'Client host 192.0.2.1 is blacklisted',
    'SPF check failed',
    'The message looks like spam',
    'Sender verify failed',
    'Virus found in the message',
    'DMARC policy violation',
    'Relay access denied',
    'Message size exceeds the limit',
    'You have sent too many messages per hour',
    'The LDAP directory is unreachable',
    'The recipient lookup was abandoned',
    'Please try again later',
    'Greylisted',
  ];
  const replies = dead.flatMap((reply) =>
    others.flatMap((other) => [`${reply}. ${other}`, `${reply}: ${other}`]),
  );
  expect(replies.filter((text) => classifyReply(text).class === 'hard')).toEqual([]);
  expect(dead.filter((text) => classifyReply(text).class !== 'hard')).toEqual([]);
});
