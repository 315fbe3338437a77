// An address that merely occurs in a bounce is nobody: whom to write to instead is not who failed.

import { describe, expect, test } from 'vitest';
import { readReport } from '../../src/bounce/report.ts';
import { wordsOnly } from './message.ts';

const x = 'alice@example.net';

/** Advice to write to somebody else, in twelve languages. */
const advice = [
  `Please write to ${x} instead.`,
  `Send your message to ${x}.`,
  `Kindly direct your mail to ${x}.`,
  `All enquiries should now go to ${x}.`,
  `For assistance contact ${x}.`,
  `His new address is ${x}.`,
  `Report this problem to ${x}.`,
  `If you believe this is an error, e-mail ${x}.`,
  `Bitte schreiben Sie an ${x}.`,
  `Die neue Adresse lautet ${x}.`,
  `Veuillez écrire à ${x}.`,
  `La nouvelle adresse est ${x}.`,
  `Por favor escriba a ${x}.`,
  `La nueva dirección es ${x}.`,
  `Por favor, envie a sua mensagem para ${x}.`,
  `Si prega di scrivere a ${x}.`,
  `Stuur uw bericht naar ${x}.`,
  `Proszę napisać na adres ${x}.`,
  `Пожалуйста, напишите на ${x}.`,
  `Skriv till ${x} i stället.`,
  `Lütfen ${x} adresine yazın.`,
  `${x} までご連絡ください。`,
  `请联系 ${x}。`,
  `Please use:\n${x}`,
];

const openings = [
  'The mailbox does not exist.',
  'Your message could not be delivered.',
  'Delivery failed: no such user here.',
  'This employee has left the company and the account is disabled.',
  'I am sorry to inform you that your message was rejected.',
];

const subjects = ['Undeliverable: Hello', 'Delivery Status Notification (Failure)'];

describe.each(openings)('%s', (opening) => {
  test.each(advice)('%s', async (hint) => {
    for (const subject of subjects) {
      const report = await readReport(wordsOnly(subject, `${opening}\n${hint}\n`));
      expect(report.recipients.map(({ address }) => address).filter((address) => address !== null)).toEqual(
        [],
      );
    }
  });
});

/** By language: how a notice begins, and how it refers to somebody else. */
const languages: Readonly<Record<string, readonly [openings: readonly string[], hints: readonly string[]]>> =
  {
    English: [
      [
        'The mailbox does not exist.',
        'Your message was not delivered: user unknown.',
        'The account is closed.',
      ],
      [
        `Write to ${x} instead.`,
        `Please forward your message to ${x}.`,
        `Please resend it to ${x}.`,
        `Address complaints to ${x}.`,
        `Her successor is ${x}.`,
        `In urgent cases: ${x}`,
      ],
    ],
    German: [
      [
        'Das Postfach existiert nicht.',
        'Ihre Nachricht wurde nicht zugestellt.',
        'Das Konto ist geschlossen.',
      ],
      [
        `Schreiben Sie stattdessen an ${x}.`,
        `Bitte leiten Sie Ihre Nachricht an ${x} weiter.`,
        `Bitte senden Sie Ihre E-Mail an ${x}.`,
        `Beschwerden richten Sie an ${x}.`,
        `Meine Nachfolgerin ist ${x}.`,
        `In dringenden Fällen: ${x}`,
      ],
    ],
    French: [
      ["La boîte n'existe pas.", "Votre message n'a pas été remis.", 'Le compte est fermé.'],
      [
        `Écrivez plutôt à ${x}.`,
        `Merci de transférer votre message à ${x}.`,
        `Veuillez renvoyer votre courriel à ${x}.`,
        `Adressez vos réclamations à ${x}.`,
        `Ma remplaçante est ${x}.`,
        `En cas d'urgence : ${x}`,
      ],
    ],
    Spanish: [
      ['El buzón no existe.', 'Su mensaje no fue entregado.', 'La cuenta está cerrada.'],
      [
        `Escriba en su lugar a ${x}.`,
        `Por favor reenvíe su mensaje a ${x}.`,
        `Envíe su correo a ${x}.`,
        `Dirija sus quejas a ${x}.`,
        `Mi sucesora es ${x}.`,
        `En casos urgentes: ${x}`,
      ],
    ],
    Italian: [
      ['La casella non esiste.', 'Il messaggio non è stato consegnato.', "L'account è chiuso."],
      [
        `Scrivere invece a ${x}.`,
        `Si prega di inoltrare il messaggio a ${x}.`,
        `Inviare nuovamente il messaggio a ${x}.`,
        `Per reclami rivolgersi a ${x}.`,
        `La mia sostituta è ${x}.`,
        `In caso di urgenza: ${x}`,
      ],
    ],
    Portuguese: [
      ['A caixa de correio não existe.', 'A mensagem não foi entregue.', 'A conta está encerrada.'],
      [
        `Escreva antes para ${x}.`,
        `Por favor, encaminhe a mensagem para ${x}.`,
        `Envie novamente para ${x}.`,
        `Dirija as reclamações a ${x}.`,
        `A minha sucessora é ${x}.`,
        `Em casos urgentes: ${x}`,
      ],
    ],
    Dutch: [
      ['De mailbox bestaat niet.', 'Uw bericht is niet afgeleverd.', 'Het account is gesloten.'],
      [
        `Schrijf in plaats daarvan naar ${x}.`,
        `Stuur uw bericht door naar ${x}.`,
        `Stuur uw e-mail opnieuw naar ${x}.`,
        `Richt klachten aan ${x}.`,
        `Mijn opvolger is ${x}.`,
        `In dringende gevallen: ${x}`,
      ],
    ],
    Polish: [
      ['Skrzynka nie istnieje.', 'Wiadomość nie została dostarczona.', 'Konto zostało zamknięte.'],
      [
        `Proszę pisać na ${x}.`,
        `Proszę przesłać wiadomość na adres ${x}.`,
        `Prosimy wysłać wiadomość ponownie na ${x}.`,
        `Reklamacje prosimy kierować na ${x}.`,
        `Moją następczynią jest ${x}.`,
        `W pilnych sprawach: ${x}`,
      ],
    ],
    Russian: [
      ['Почтовый ящик не существует.', 'Ваше сообщение не доставлено.', 'Учетная запись закрыта.'],
      [
        `Пишите вместо этого на ${x}.`,
        `Перешлите сообщение на адрес ${x}.`,
        `Отправьте письмо повторно на ${x}.`,
        `Жалобы направляйте на ${x}.`,
        `Мой преемник: ${x}.`,
        `В срочных случаях: ${x}`,
      ],
    ],
    Swedish: [
      ['Brevlådan finns inte.', 'Ditt meddelande kunde inte levereras.', 'Kontot är stängt.'],
      [
        `Skriv i stället till ${x}.`,
        `Vidarebefordra meddelandet till ${x}.`,
        `Skicka om det till ${x}.`,
        `Klagomål skickas till ${x}.`,
        `Min efterträdare är ${x}.`,
        `I brådskande fall: ${x}`,
      ],
    ],
    Turkish: [
      ['Posta kutusu mevcut değil.', 'Mesajınız teslim edilemedi.', 'Hesap kapatıldı.'],
      [
        `Bunun yerine ${x} adresine yazın.`,
        `Mesajınızı ${x} adresine iletin.`,
        `Lütfen ${x} adresine yeniden gönderin.`,
        `Şikayetler için: ${x}`,
        `Yerime bakan kişi: ${x}.`,
        `Acil durumlarda: ${x}`,
      ],
    ],
    Japanese: [
      [
        'メールボックスは存在しません。',
        'メッセージは配信されませんでした。',
        'アカウントは閉鎖されました。',
      ],
      [
        `代わりに ${x} までご連絡ください。`,
        `${x} に転送してください。`,
        `${x} 宛に再送してください。`,
        `苦情は ${x} へお願いします。`,
        `後任は ${x} です。`,
        `お急ぎの場合: ${x}`,
      ],
    ],
  };

const hints = Object.entries(languages).flatMap(([language, [beginnings, all]]) =>
  beginnings.flatMap((opening) => all.map((hint) => [language, opening, hint] as const)),
);

test('the hints are 216 in twelve languages', () => {
  expect([hints.length, Object.keys(languages).length]).toEqual([216, 12]);
});

test.each(hints)('%s: %s %s', async (_, opening, hint) => {
  const inOneSentence = `${opening.slice(0, -1)}, ${hint}\n`;
  for (const words of [
    inOneSentence,
    `${opening}\n${hint}\n`,
    `${opening} ${hint}\n`,
    `${opening}\n\n${hint}\n`,
  ]) {
    const report = await readReport(wordsOnly('Undeliverable: Hello', words));
    expect(report.recipients.map(({ address }) => address).filter((address) => address !== null)).toEqual([]);
  }
});

describe('a sentence about a failed address names the recipient', () => {
  test.each([
    `Your message could not be delivered to ${x}.`,
    `User alice (${x}) not listed in the directory`,
    `The mail to ${x} was rejected: mailbox full`,
    `Unknown user: ${x}`,
    `Delivery to the following recipient failed permanently:\n\n     ${x}`,
    `${x}\n    550 5.1.1 User unknown`,
    `The address ${x} does not exist.`,
    `The following recipient could not be reached: ${x}`,
  ])('%s', async (words) => {
    const report = await readReport(wordsOnly('Undeliverable: Hello', words));
    expect(report.recipients.map(({ address }) => address)).toEqual([x]);
  });
});

test('the quoted To of an Exchange report is a list, and the X.400 recipient carries the address', async () => {
  const words = [
    'Your message',
    '',
    '  To:      list@lists.example.org',
    '',
    'did not reach the following recipient(s):',
    '',
    'c=US;a= ;p=EX;o=HQ;dda:SMTP=bob@example.com; on Fri, 4 Oct 2024 17:12:28 -0400',
    '    The recipient name is not recognized',
  ].join('\n');
  const report = await readReport(wordsOnly('Undeliverable: Hello', words));
  expect(report.recipients.map(({ address }) => address)).toEqual(['bob@example.com']);
  const unnamed = words.replace('dda:SMTP=bob@example.com', 's=Bob');
  const nobody = await readReport(wordsOnly('Undeliverable: Hello', unnamed));
  expect(nobody.recipients.map(({ address }) => address)).toEqual([null]);
});
