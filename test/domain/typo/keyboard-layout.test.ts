// Domains that were typed while another keyboard layout was active, or by their sound in another script.

import { describe, expect, test } from 'vitest';
import { latinReadings, layoutReadings } from '../../../src/domain/typo/keyboard-layout.ts';
import { suggestDomain } from '../../../src/domain/typo/suggest.ts';

describe('typed with the layout of another script', () => {
  test.each([
    ['Russian', 'пьфшд.сщь', 'gmail.com'],
    ['Russian, with the key of the dot too', 'нфтвучюкг', 'yandex.ru'],
    ['Russian, in capital letters', 'ПЬФШД.СЩЬ', 'gmail.com'],
    ['Russian, a name that is an ordinary word', 'ьфшд.кг', 'mail.ru'],
    ['Ukrainian', 'іиспдщифдютуе', 'sbcglobal.net'],
    ['Belarusian', 'шсдщгвюсщь', 'icloud.com'],
    ['Greek', 'γμαιλ.ψομ', 'gmail.com'],
    ['Greek, with a mark as a letter', ';;.ψομ', 'qq.com'],
    ['Hebrew', 'עצשןךץבםצ', 'gmail.com'],
    ['Hebrew, with a mark as a letter', "'קנץגק", 'web.de'],
    ['Arabic', 'لةشهم.ؤخة', 'gmail.com'],
    ['Arabic, with a letter of two characters', 'سلاؤلمخلاشم.ىثف', 'sbcglobal.net'],
    ['Thai', 'เทฟรสใแนท', 'gmail.com'],
    ['Thai, with a vowel of two characters', 'สรอำ.แนท', 'live.com'],
    ['Korean', '흐먀ㅣ.채ㅡ', 'gmail.com'],
    ['Korean, with final consonants', 'ㅛ모ㅐㅐ.채ㅡ', 'yahoo.com'],
    ['as A-labels', 'xn--d1avpqs.xn--q1aqj', 'gmail.com'],
    ['Russian, and then a slip', 'пьфд.сщь', 'gmail.com'],
  ])('%s: %s', (_, typed, meant) => {
    expect(suggestDomain(typed)?.domain).toBe(meant);
  });

  test('a provider with an invented name is likely, unless the ending exists', () => {
    expect(suggestDomain('пьфшд.сщь')?.confidence).toBe('likely');
    expect(suggestDomain('пьфшд.com')).toEqual({ domain: 'gmail.com', confidence: 'possible' });
  });

  test('a company under an ending that does not exist is possible', () => {
    expect(suggestDomain('фыва.сщь')).toEqual({ domain: 'asdf.com', confidence: 'possible' });
  });
});

describe('written by the sound', () => {
  test.each([
    ['яндекс.ру', 'yandex.ru'],
    ['γμαιλ.κομ', 'gmail.com'],
    ['гмаил.ком', 'gmail.com'],
    ['хотмаил.сом', 'hotmail.com'],
  ])('%s', (written, meant) => {
    expect(suggestDomain(written)).toEqual({ domain: meant, confidence: 'possible' });
  });
});

describe('real names in other scripts are left alone', () => {
  test.each([
    'почта.рф',
    'яндекс.рф',
    'пример.ком',
    'мейл.ком',
    'президент.рф',
    'παράδειγμα.ελ',
    'דוגמה.com',
    '한국.한국',
    'ไทย.ไทย',
    '例え.jp',
    'münchen.de',
    'موقع.مصر',
    'ргдш',
    'сщь',
    'ъ',
  ])('%s', (domain) => {
    expect(suggestDomain(domain)).toBeNull();
  });
});

describe('typed on AZERTY or QWERTZ as on QWERTY', () => {
  test.each([
    ['g;qil.co;', 'gmail.com'],
    ['g;qil.co', 'gmail.com'],
    ['g,qil:co,', 'gmail.com'],
    ['hqn;qil.net', 'hanmail.net'],
  ])('%s', (typed, meant) => {
    expect(suggestDomain(typed)).toEqual({ domain: meant, confidence: 'possible' });
  });

  test.each(['aa.com', 'skz.com', 'zqnqdoo.fr', 'q;w.de'])(
    'not without marks, or for another name: %s',
    (typed) => {
      expect(suggestDomain(typed)?.domain ?? '').not.toMatch(/^(?:qq|sky|wanadoo)\./);
    },
  );

  test('a text with fewer than two such keys has no reading', () => {
    expect(latinReadings('hello.com')).toEqual([]);
    expect(latinReadings('g,oil.com')).toEqual([]);
    expect(latinReadings('q,')).toEqual(['am']);
    expect(latinReadings('zy')).toContain('yz');
  });
});

test('a text with letters that no layout has gives no reading', () => {
  expect(layoutReadings('例え.jp')).toEqual([]);
});

test('only a layout that has all letters gives a reading', () => {
  expect(layoutReadings('γ.ψ')).toEqual([
    { text: 'g.c', isTyped: true },
    { text: 'g.ps', isTyped: false },
  ]);
});
