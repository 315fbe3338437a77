// Combines who is meant with what is said about them, in many languages. What is said about a mailbox is `hard`; the same
// words about the sender, the content or anybody else never are.

import { expect, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';

const list = (words: string) => words.split('|');

/** Of each language: words for the recipient, what is said about a dead mailbox, words for the sender. */
const languages: Readonly<Record<string, readonly [recipients: string, dead: string, senders: string]>> = {
  English: [
    'The user|Recipient|The address|This email address|Local part|Alias|<jane@example.org>: user|That mailbox',
    'is not on file|is not provisioned|is unrecognised|is not assigned|has been purged|was decommissioned|is undeliverable|never existed|has been retired|does not exist',
    'The sending account|Sender address|Your address|The from address',
  ],
  German: [
    'Das Benutzerkonto|Das Postfach|Die Mailadresse|Der Empfänger',
    'wurde geloescht|ist ungueltig|ist nicht registriert|gibt es hier nicht|ist nicht mehr aktiv|ist abgelaufen|ist gekündigt',
    'Der Absender|Die Absenderadresse|Das Absenderkonto',
  ],
  French: [
    "L'utilisateur|La boîte|L'adresse du destinataire|Le compte",
    "n'a pas été trouvé|n'est pas valide|n'est plus active|n'est pas reconnue|n'est pas enregistré|est clôturé",
    "L'expéditeur|L'adresse de l'expéditeur",
  ],
  Spanish: [
    'El usuario|El buzón|La cuenta de correo|La dirección',
    'no se encuentra|no está registrado|ha sido dada de baja|no ha sido encontrado|es incorrecta|se ha cerrado|no figura',
    'El remitente|La dirección del remitente',
  ],
  Portuguese: [
    'O usuário|O utilizador|A conta|O endereço',
    'não foi encontrado|não foi localizado|não está cadastrado|não está ativa|não consta|está incorreto',
    'O remetente|O endereço do remetente',
  ],
  Italian: [
    "L'utente|La casella di posta|L'indirizzo|L'account",
    'non è stato trovato|non è più attiva|è stata cancellata|non risulta registrato|è stato rimosso|non corrisponde a nessuno',
    "Il mittente|L'indirizzo del mittente",
  ],
  Dutch: [
    'De gebruiker|Het adres|Dit e-mailadres|Het account',
    'is verwijderd|kan niet worden gevonden|is niet actief|is uitgeschakeld|is opgezegd',
    'De afzender|Het adres van de afzender',
  ],
  Polish: [
    'Użytkownik|Skrzynka|Konto|Adres e-mail',
    'nie został znaleziony|nie został odnaleziony|zostało zamknięte|wygasło',
    'Nadawca|Adres nadawcy',
  ],
  Russian: [
    'Пользователь|Почтовый ящик|Адрес получателя|Аккаунт',
    'недействителен|указан неверно|не значится|был удалён',
    'Отправитель|Адрес отправителя',
  ],
  Ukrainian: [
    'Користувач|Отримувач|Обліковий запис',
    'видалено|заблоковано|не зареєстрований|неактивний',
    'Відправник|Адреса відправника',
  ],
  Turkish: [
    'Kullanıcı|Posta kutusu|Hesap|E-posta adresi',
    'silinmiş|kapatılmış|tanımlı değil|kayıtlı değil|hatalı|kapalı',
    'Gönderen|Gönderen adresi',
  ],
  Czech: [
    'Uživatel|Účet|E-mailová adresa',
    'nebyl nalezen|je neplatná|byl zrušen|byla smazána',
    'Odesílatel',
  ],
  Hungarian: ['A felhasználó|A cím|A fiók', 'érvénytelen|törölve|fel van függesztve', 'A feladó'],
  Swedish: ['Användaren|E-postadressen|Kontot', 'är ogiltig|har tagits bort|är avslutat', 'Avsändaren'],
  Danish: ['Brugeren|Kontoen', 'blev ikke fundet|er ugyldig|er slettet|er deaktiveret', 'Afsenderen'],
  Romanian: ['Utilizatorul|Căsuța|Contul', 'nu a fost găsit|a fost șters|este blocat', 'Expeditorul'],
  Indonesian: ['Pengguna|Alamat|Akun', 'telah dihapus|tidak valid|ditangguhkan', 'Pengirim'],
  Vietnamese: ['Người dùng|Hộp thư', 'đã bị xóa|đã bị vô hiệu hóa', 'Người gửi'],
  Korean: [
    '사용자가|수신자가|계정이|이메일 주소가|메일함이',
    '등록되어 있지 않습니다|삭제되었습니다|탈퇴하였습니다|올바르지 않습니다|비활성화되었습니다',
    '발신자가|송신자가|보낸 사람이',
  ],
};

const unspaced: typeof languages = {
  Japanese: [
    'ユーザー|宛先アドレス|受信者|アカウント',
    'は登録されていません|は使用されていません|は削除されました|に誤りがあります|は停止されています',
    '送信者|差出人|送信元アドレス',
  ],
  Chinese: ['收件人|用户|邮箱|账号', '无法找到|已关闭|已被删除|已过期', '发件人|发信人'],
};

const cases = (table: typeof languages, space: string) =>
  Object.entries(table).map(
    ([language, [recipients, dead, senders]]) =>
      [
        language,
        list(recipients).flatMap((who) => list(dead).map((what) => `550 ${who}${space}${what}`)),
        list(senders).flatMap((who) => list(dead).map((what) => `550 ${who}${space}${what}`)),
      ] as const,
  );

test.each([...cases(languages, ' '), ...cases(unspaced, '')])(
  '%s: a dead mailbox is hard, a sender never is',
  (_, recipients, senders) => {
    expect(recipients.filter((reply) => classifyReply(reply).class !== 'hard')).toEqual([]);
    expect(senders.filter((reply) => classifyReply(reply).class === 'hard')).toEqual([]);
  },
);

/** Replies that combine the words of each list, and that no mailbox is to blame for. */
const nearMisses: Readonly<Record<string, readonly string[]>> = {
  'an address of the sender': [
    'The mailbox|The address|The account|The domain|The user',
    'in MAIL FROM|you are sending from|in your signature|in the Return-Path',
    'is unknown|does not exist|is disabled|has been suspended|no longer exists',
  ],
  'what the message contains': [
    'A domain|A file name|A website',
    'in your message|in the attachment',
    'does not exist|was not found|is invalid',
  ],
  'what the recipient does': [
    'The user|The recipient|<jane@example.org>',
    'has disabled|has blocked|has suspended',
    'mail from your domain|messages from mailing lists|all external mail',
  ],
  'a mailbox that others may use': [
    'The mailbox|The account|This user',
    'is disabled for|is closed to|is blocked for|is not available to',
    'external senders|members of the organization|people outside the company',
  ],
  'many recipients': [
    'Too many|More than 20%|A high rate of',
    'unknown users|invalid recipients|nonexistent mailboxes',
    'in this session|from your IP|in your list',
  ],
  'a condition': [
    'Rejected by content filter.|Your IP is blocked.|Message refused by policy.',
    'If this user does not exist any more, remove it|If your account was disabled, contact support',
  ],
  'a moment': [
    'Mailbox|User|Account',
    'blocked until tomorrow|unknown for now, retry|locked by another session',
  ],
  'a login': ['AUTH:|SMTP authentication failed:', 'unknown user|account locked|user not found'],
  'a poster': ['Poster is not|You are not', 'an allowed user of this mailbox|a known user'],
};

test.each(Object.entries(nearMisses))('%s is never hard', (_, lists) => {
  const replies = lists.reduce<readonly string[]>(
    (begun, words) => begun.flatMap((start) => list(words).map((word) => `${start} ${word}`)),
    ['550'],
  );
  expect(replies.filter((reply) => classifyReply(reply).class === 'hard')).toEqual([]);
});

test.each([
  ['policy', 'Authentifizierung erforderlich'],
  ['policy', 'SPF-Prüfung fehlgeschlagen'],
  ['policy', 'Échec SPF'],
  ['policy', 'Votre serveur est bloqué'],
  ['policy', 'Se requiere autenticación'],
  ['policy', 'Acesso negado'],
  ['policy', 'Verbotener Dateianhang'],
  ['policy', 'Wykryto wirusa'],
  ['policy', 'Требуется аутентификация'],
  ['policy', 'Gönderen engellendi'],
  ['policy', 'ウイルスが検出されました'],
  ['policy', '需要身份验证'],
  ['policy', '인증이 필요합니다'],
  ['policy', 'El usuario ha bloqueado su dirección'],
  ['policy', "Le destinataire n'accepte que les messages de ses contacts"],
  ['policy', '5.7.193 an unregistered detail of the security status'],
  ['policy', 'permanent failure for one or more recipients (jane@example.org:blocked)'],
  ['policy', 'Ihr Konto wurde gesperrt'],
  ['policy', 'Su cuenta ha sido suspendida'],
  ['policy', 'Ваш аккаунт заблокирован'],
  ['policy', '您的地址不存在'],
  ['policy', '发件域名不存在'],
  ['policy', "Adresse d'expédition inconnue"],
  ['policy', '收件人拒收您的邮件'],
  ['policy', 'Nur Mitglieder dürfen an diese Liste schreiben'],
  ['policy', 'This mailbox is internal'],
  ['policy', 'Too many of your recipients are unknown'],
  ['policy', 'submission account expired'],
  ['hard', "Cet utilisateur n'est plus client chez nous"],
  ['hard', '无此用户'],
  ['soft', 'message could not be stored'],
])('%s: 550 %s', (expected, words) => {
  expect(classifyReply(`550 ${words}`).class).toBe(expected);
});

test.each([
  '451 4.4.0 Primary target IP address responded with: "550 5.1.1 User unknown."',
  '421 4.4.2 backend said 550 no such user here',
  '451 upstream: 550 5.1.1 mailbox not found',
  '450 temporary failure for one or more recipients (jane@example.org:550 5.1.1 User unknown)',
])('a 4yz reply that quotes a permanent one is temporary: %s', (reply) => {
  expect(classifyReply(reply).class).toBe('soft');
});

test.each([
  '450 busy - please try later 551 not our customer',
  '450 Account inactive -> 550 5.2.1 Account inactive',
])('a 5yz reply that follows in the same session is final: %s', (reply) => {
  expect(classifyReply(reply).class).toBe('hard');
});

test('words of a detail that Exchange appends do not count', () => {
  expect(
    classifyReply('450 4.4.312 DNS query failed [Message=450 DNS query failed] [Hop=Antispam]').class,
  ).toBe('soft');
});

test('what the recipient would have to avoid is no cause', () => {
  expect(classifyReply('550 5.1.1 User does not exist, remove it to avoid being blacklisted').class).toBe(
    'hard',
  );
});
