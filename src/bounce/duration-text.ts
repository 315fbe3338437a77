// Splits a reply into tokens and reads durations such as `300 seconds`, `5m30s`, `an hour` or `00:05:00` in them.

/** A word in lower case without accents, a number as it is written, or `.` for the end of a sentence. */
export interface ReplyToken {
  readonly text: string;
  readonly kind: 'word' | 'number' | 'end';
  /** Whether the token before it ends where this one begins, as in `300s`. */
  readonly isGlued: boolean;
  /** The character before it; empty at the start. */
  readonly before: string;
  /** Whether a comma, a colon or a parenthesis separates it from the token before it. */
  readonly startsClause: boolean;
}

/** A duration and the index of the token after it. */
export interface DurationText {
  readonly seconds: number;
  readonly end: number;
}

/** What cannot contain a waiting time: URLs, addresses, and names in angle brackets. */
const noise =
  /\b(?:https?|ftp):\/\/[^\s<>"')\]]+|\bwww\.[^\s<>"')\]]+|<[^\s<>]{0,320}>|[^\s<>()]{1,320}@[^\s<>()]{1,320}/gi;

/** `hour(s)`. */
const optionalPlural = /(?<=\p{L})\((?:s|n|en)\)/gu;
/** Accents of Latin letters. Those of Cyrillic letters belong to the letter. */
const latinMarks = /(?<=\p{Script=Latin})[\u0300-\u036f]+/gu;

const tokenPattern = /\d+(?:[.,:]\d+)*|[\p{L}\p{M}]+|[.!?;](?=\s|$)|\n/gu;

/** Returns the tokens of a text. Dotted numbers, such as 4.7.28 or an IP address, are one token. Takes linear time. */
export function replyTokens(text: string): ReplyToken[] {
  const plain = text
    .replace(noise, ' ')
    .replace(optionalPlural, '')
    .toLowerCase()
    .normalize('NFD')
    .replace(latinMarks, '')
    .normalize('NFC');
  let end = 0;
  return Array.from(plain.matchAll(tokenPattern), ({ 0: found, index }): ReplyToken => {
    const isGlued = index === end && index > 0;
    const startsClause = /[,:([]/.test(plain.slice(end, index));
    end = index + found.length;
    const kind = /^\d/.test(found) ? 'number' : /^[.!?;\n]/.test(found) ? 'end' : 'word';
    return { text: found, kind, isGlued, before: plain.charAt(index - 1), startsClause };
  });
}

const secondsOf = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;

/** The units as they are written. Other single letters than `s` are a unit only directly after their number. */
const unitWords: ReadonlyMap<string, number> = new Map(
  Object.entries({
    second:
      's sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondo secondi seconden sekund sekundy sekunda sekunder секунда секунды секунду секунд сек',
    minute:
      'min mins minute minutes minuten minuto minutos minuti minuut minut minuty minuta minuter minutter минута минуты минуту минут мин',
    hour: 'hr hrs hour hours stunde stunden std heure heures hora horas ora ore uur uren godzina godziny godzine godzin timme timmar time timer час часа часов',
    day: 'day days tag tage tagen jour jours dia dias giorno giorni dag dagen dni dzien dagar день дня дней',
    week: 'week weeks woche wochen',
  } satisfies Record<keyof typeof secondsOf, string>).flatMap(([unit, words]) =>
    words.split(' ').map((word) => [word, secondsOf[unit as keyof typeof secondsOf]] as const),
  ),
);
const unitLetters: ReadonlyMap<string, number> = new Map([
  ['s', secondsOf.second],
  ['m', secondsOf.minute],
  ['h', secondsOf.hour],
  ['d', secondsOf.day],
]);

const numberWords: ReadonlyMap<string, number> = new Map(
  Object.entries({
    1: 'a an one ein eine einer einem einen une un uno una een jeden jedna один одну одна',
    2: 'two zwei deux dos due duas twee два две',
    3: 'three drei trois tres tre drie три',
    5: 'five funf cinq cinco cinque vijf пять',
    10: 'ten zehn dix diez dieci dez tien десять',
    15: 'fifteen funfzehn quinze quince quindici vijftien пятнадцать',
    20: 'twenty zwanzig vingt veinte venti vinte twintig двадцать',
    30: 'thirty dreissig trente treinta trenta trinta dertig тридцать',
    60: 'sixty sechzig soixante sesenta sessanta sessenta zestig шестьдесят',
  }).flatMap(([number, words]) => words.split(' ').map((word) => [word, Number(number)] as const)),
);

/** Reads a duration at a token, such as `5 minutes`, `5 to 10 minutes` (the longer one) or `1 hour and 30 minutes`. */
export function durationAt(tokens: readonly ReplyToken[], at: number): DurationText | null {
  const clock = clockAt(tokens[at]);
  if (clock !== null) return { seconds: clock, end: at + 1 };
  const first = partAt(tokens, at);
  if (first === null) return null;
  let { seconds, end } = first;
  for (let unit = first.unit; ; ) {
    const next = partAt(tokens, isWord(tokens[end], 'and', 'und', 'et', 'y', 'e', 'en') ? end + 1 : end);
    // Each part of a duration is of a smaller unit: `1 hour 30 minutes`.
    if (next === null || next.unit >= unit) return { seconds, end };
    seconds += next.seconds;
    ({ end, unit } = next);
  }
}

interface Part extends DurationText {
  /** The seconds of the unit. */
  readonly unit: number;
}

/** Reads a number and its unit. */
function partAt(tokens: readonly ReplyToken[], at: number): Part | null {
  if (isWord(tokens[at], 'half', 'halben', 'halbe', 'demi', 'media', 'mezz')) {
    const part = withUnit(tokens, isWord(tokens[at + 1], 'a', 'an') ? at + 2 : at + 1, 1);
    return part && { ...part, seconds: part.seconds / 2 };
  }
  const amount = amountOf(tokens[at]);
  if (amount === null) return null;
  const next = tokens[at + 1];
  const isRange =
    next?.kind === 'number'
      ? /[-–]/.test(next.before)
      : isWord(next, 'to', 'or', 'and', 'bis', 'oder', 'a', 'ou');
  if (isRange) {
    const upper = rangeEnd(tokens, next!.kind === 'number' ? at + 1 : at + 2);
    if (upper !== null && upper.seconds / upper.unit > amount) return upper;
    if (next!.kind === 'number') return null;
  }
  return withUnit(tokens, at + 1, amount);
}

function rangeEnd(tokens: readonly ReplyToken[], at: number): Part | null {
  const token = tokens[at];
  const amount = token?.kind === 'number' ? numberOf(token.text) : null;
  return amount === null ? null : withUnit(tokens, at + 1, amount);
}

function withUnit(tokens: readonly ReplyToken[], at: number, amount: number): Part | null {
  const token = tokens[at];
  if (token?.kind !== 'word') return null;
  const unit = (token.isGlued ? unitLetters.get(token.text) : undefined) ?? unitWords.get(token.text);
  // A letter or digit that follows directly is part of a name: 5m3k.
  const after = tokens[at + 1];
  if (
    unit === undefined ||
    (after?.isGlued === true && after.kind === 'number' && !isPartOfDuration(tokens, at + 1))
  )
    return null;
  return { seconds: amount * unit, end: at + 1, unit };
}

const isPartOfDuration = (tokens: readonly ReplyToken[], at: number): boolean => {
  const unit = tokens[at + 1];
  return unit?.kind === 'word' && unit.isGlued && (unitLetters.has(unit.text) || unitWords.has(unit.text));
};

/** The number of a token: digits, or a word such as `five`. Null for negative numbers, versions, IP addresses and parts of names. */
function amountOf(token: ReplyToken | undefined): number | null {
  if (token === undefined) return null;
  if (token.kind === 'word') return numberWords.get(token.text) ?? null;
  if (/[-–−+_/\\#.:,@*=\p{L}\p{N}]/u.test(token.before) && token.before !== ':' && token.before !== '=') {
    // `5m30s`: the number follows a unit.
    if (!token.isGlued || !/\p{L}/u.test(token.before)) return null;
  }
  return numberOf(token.text);
}

/** `300`, `1,000` or `1.5`; null for others, such as `4.7.28`. */
export function numberOf(text: string): number | null {
  if (/^\d{1,3}(?:,\d{3})+$/.test(text)) return Number(text.replaceAll(',', ''));
  if (/^\d+[.,]\d{1,2}$/.test(text)) return Number(text.replace(',', '.'));
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** `00:05:00`; null for a time of day, which has hours. */
function clockAt(token: ReplyToken | undefined): number | null {
  const [, hours, minutes, seconds] = /^(\d{1,2}):([0-5]\d):([0-5]\d)$/.exec(token?.text ?? '') ?? [];
  if (hours === undefined || Number(hours) > 0) return null;
  return Number(minutes) * 60 + Number(seconds);
}

export const isWord = (token: ReplyToken | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text);
