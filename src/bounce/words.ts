// Splits reply texts and the phrases of rules into words, ignoring punctuation, case and accents.

const contractions = new Map<string, readonly string[]>(
  Object.entries({
    cannot: ['can', 'not'],
    cant: ['can', 'not'],
    wont: ['will', 'not'],
    dont: ['do', 'not'],
    doesnt: ['does', 'not'],
    didnt: ['did', 'not'],
    isnt: ['is', 'not'],
    arent: ['are', 'not'],
    wasnt: ['was', 'not'],
    werent: ['were', 'not'],
    couldnt: ['could', 'not'],
    hasnt: ['has', 'not'],
    havent: ['have', 'not'],
    wouldnt: ['would', 'not'],
  }),
);

/** Misspellings that known mail systems use in their replies, with the correct words. */
const spellings = new Map<string, string>(
  Object.entries({
    adress: 'address',
    adresses: 'addresses',
    recipent: 'recipient',
    recepient: 'recipient',
    reciepient: 'recipient',
    recieve: 'receive',
    unkown: 'unknown',
    unknow: 'unknown',
    uknown: 'unknown',
    exeeded: 'exceeded',
    exceded: 'exceeded',
    temporarly: 'temporarily',
    temporarilly: 'temporarily',
    unavaliable: 'unavailable',
    unavailible: 'unavailable',
    mailbx: 'mailbox',
    acount: 'account',
    accout: 'account',
    conection: 'connection',
    exsist: 'exist',
  }),
);

/** After one of these words, `address` means an IP address, as in `client address`. `address` alone means a mailbox. */
const hosts = new Set(['ip', 'client', 'host', 'source', 'remote', 'connecting', 'network', 'server']);

/** The characters that separate an address from the words around it. */
const chunkEnd = /[\s<>()[\]"',;。，：；、（）「」『』【】]+/;
/** Short words before an apostrophe in French and Italian: `l'adresse`, `dell'utente`, `n'existe`. */
const elision = /(?<![\p{L}\p{N}])(l|d|n|qu|un|dell|all|nell|sull|quest)[’'](?=\p{L})/giu;
/** Marks are part of a word: Thai and Devanagari write vowels with them. */
const wordEnd = /[^\p{L}\p{N}\p{M}]+/u;
/** Scripts that are written without spaces. Each character counts as a word. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー]/u;
const ascii = /^[\x00-\x7f]*$/;

/** Marks the end of a sentence in a list of words. No phrase contains it, so no phrase matches across two sentences. */
export const sentenceEnd = '|';
/**
 * The end of a sentence: a full stop, exclamation mark or question mark. Two lower-case letters, digits or closing marks
 * must come before it, and a space and a capitalized word after it. One lower-case letter is not enough, because of
 * abbreviations such as `Jr.` and `No.`. The Chinese and Japanese marks `。！？` need no space after them.
 */
const betweenSentences =
  /(?<=[\p{Ll}\d)\]>"”]{2})[.!?]+["”)]?\s+(?=["“(]?\p{Lu}\p{Ll})|(?<=\p{Lo}.?)[。！？](?=.)/gu;

/**
 * The words of a text in order and in lower case. E-mail addresses are left out, because a local part may look like a
 * reason. `e-mail` becomes `email`, `mail box` becomes `mailbox`, `IP address` becomes `ip`, and `can't` becomes `can not`.
 * Takes linear time.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  const plain = text
    .replace(elision, '$1 ')
    .replace(/[’']/g, '')
    .replace(betweenSentences, ` ${sentenceEnd} `)
    .toLowerCase();
  for (const chunk of plain.split(chunkEnd)) {
    if (chunk === sentenceEnd) {
      if (words.length > 0) words.push(sentenceEnd);
      continue;
    }
    const at = chunk.indexOf('@');
    if (at !== -1 && chunk.length > 1) {
      // In a script without spaces, the chunk also contains the words around the address. Remove only the address.
      const around = unspaced.test(chunk) ? chunk.replace(/[!-~]{0,128}@[!-~]+/g, ' ') : '';
      for (const word of folded(around).split(wordEnd)) pushAny(words, word);
      // Keep what is glued to the address, as in `jane@example.org:blocked`.
      const glued = chunk.indexOf(':', at);
      if (around === '' && glued !== -1)
        for (const word of chunk.slice(glued).split(wordEnd)) pushAny(words, word);
    } else if (ascii.test(chunk)) for (const word of chunk.split(asciiWordEnd)) push(words, word);
    else for (const word of folded(chunk).split(wordEnd)) pushAny(words, word);
  }
  return words;
}

/** What ends a clause: a comma, semicolon, colon, parenthesis or dash, next to a space. */
const clauseEnd = /[,;:)](?=\s|$)|(?<=\s)\(|\s[-–—>]+(?=\s)/g;

/** The words of each clause of a text. See `wordsOf`. */
export function clausesOf(text: string): string[][] {
  const clauses: string[][] = [[]];
  for (const word of wordsOf(text.replace(clauseEnd, ` ${sentenceEnd} `)))
    if (word === sentenceEnd) clauses.push([]);
    else clauses[clauses.length - 1]!.push(word);
  return clauses.filter((words) => words.length > 0);
}

const asciiWordEnd = /[^a-z0-9]+/;

/** Letters that Unicode does not decompose into a plain letter and a mark, with their replacements. */
const plainLetters: Readonly<Record<string, string>> = {
  ı: 'i',
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
};

/**
 * Removes accents from Latin, Greek and Cyrillic letters. Marks in other scripts, such as kana, belong to the letter and
 * stay.
 */
const folded = (chunk: string) =>
  chunk
    .replace(/[ıłøđßæœ]/g, (letter) => plainLetters[letter]!)
    .normalize('NFD')
    .replace(/(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu, '')
    .normalize('NFC');

function pushAny(words: string[], word: string): void {
  let run = '';
  for (const character of word) {
    if (unspaced.test(character)) {
      push(words, run);
      run = '';
      words.push(character);
    } else run += character;
  }
  push(words, run);
}

function push(words: string[], written: string): void {
  if (written === '') return;
  const word = spellings.get(written) ?? written;
  const before = words[words.length - 1];
  if ((word === 'mail' && before === 'e') || (word === 'box' && before === 'mail')) {
    words[words.length - 1] = before + word;
    return;
  }
  if ((word === 'address' || word === 'addresses') && hosts.has(before ?? '')) return;
  const parts = contractions.get(word);
  if (parts === undefined) words.push(word);
  else words.push(...parts);
}
