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
