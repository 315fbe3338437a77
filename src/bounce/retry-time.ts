// Finds after which time a reply asks the sender to try again: `try again in 300 seconds`, `Greylisted for 5 minutes`.

import { dayMs } from '../durations.ts';
import { durationAt, isWord, numberOf, type ReplyToken, replyTokens } from './duration-text.ts';
import { maximumReplyLength, parseReply } from './smtp-reply.ts';

export interface RetryTime {
  /** Whole seconds, from 1 to `longestRetrySeconds`. */
  readonly seconds: number;
  /** Whether the reply names more or less than that. */
  readonly isCut: boolean;
}

/** A sender gives up after four to five days (RFC 5321 section 4.5.4.1), so a longer time is no time to try again. */
export const longestRetrySeconds = (5 * dayMs) / 1000;

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** Words that ask to try again. They may stand before or after the time. */
const retryWords = set(
  'again try retry retrying reattempt resend resending resubmit redeliver reconnect ' +
    'erneut nochmals nochmal wieder wiederholen versuchen reessayez reessayer renvoyer renvoyez nouveau reintente reintentar intente ' +
    'intentelo intentar nuevo nuevamente riprova riprovare riprovate nuovamente novamente tente opnieuw ponownie igen ' +
    'повторите повторить попробуйте снова повторно',
);
/** Words that ask to wait. The time follows them. */
const waitWords = set(
  'wait greylisted graylisted greylisting graylisting greylist graylist back backoff ' +
    'warten patienter attendre attendez esperar espere attendere attenda attendete aguarde wacht wachten odczekaj подождите подождать',
);
/** Words after which `for` names a time to wait. */
const stopWords = set(
  'blocked banned suspended throttled limited locked restricted paused unavailable gesperrt bloque bloqueado bloqueada',
);
/** Words that may stand between such a word and the time. */
const fillers = set(
  'in after for at least about approximately approx around another more the next please it your this message messages mail email delivery ' +
    'sending to connection connect connecting later minimum min be patient period of only delivering session sessions you must should can may ' +
    'es bitte nach um fruhestens sie zustellung die dans apres d ici de en tras despues dentro luego tra fra dopo em apos over na za po ' +
    'через спустя минимум попытку het om lo la le l envoi envio el',
);
/** Words between a time and a retry word after it: `in 5 minutes, please try again`, `5 minutes before retrying`. */
const fillersAfter = set(
  'please then and you can may could before to should bitte es noch einmal mal sie versuchen try send connect de da di ' +
    'пожалуйста s il vous plait por favor attempt attempting and it the message avant antes prima voor vor dem',
);
const negations = set('not dont never nicht kein ne no non niet nie не t');

/** The longest run of fillers. It keeps the search linear. */
const widest = 7;

/**
 * Returns the time that a reply names for the next attempt; null if it names none. Numbers without a word that asks to wait
 * are not read: rates (`100 messages in 60 minutes`), status codes, IP addresses. If a reply names several times, the longest
 * counts. A pure function that takes linear time and never throws.
 */
export function retryTime(reply: string): RetryTime | null {
  const { text } = parseReply(reply.slice(0, maximumReplyLength));
  const found = [...spacedTimes(replyTokens(text)), ...unspacedTimes(text), ...isoTimes(text)];
  if (found.length === 0) return null;
  const named = Math.max(...found);
  const seconds = Math.min(longestRetrySeconds, Math.max(1, Math.ceil(named)));
  return { seconds, isCut: seconds !== Math.ceil(named) };
}

/** Times in languages that separate words by spaces. */
function spacedTimes(tokens: readonly ReplyToken[]): number[] {
  const found: number[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const duration = durationAt(tokens, at);
    if (duration !== null) {
      const { seconds, end } = duration;
      if (
        !isWord(tokens[end], 'ago', 'old', 'limit') &&
        (isAskedBefore(tokens, at) || isAskedAfter(tokens, at, end) || isRemaining(tokens, at, end))
      )
        found.push(seconds);
      at = end - 1;
    } else if (isField(tokens, at)) {
      const seconds = numberOf(tokens[at]!.text);
      if (seconds !== null) found.push(seconds);
    }
  }
  return found;
}

/** `try again in`, `wait`, `greylisted for`: read from the time backward. */
function isAskedBefore(tokens: readonly ReplyToken[], at: number): boolean {
  let saysFor = false;
  let isBound = false;
  for (let back = at - 1; back >= 0 && back >= at - widest; back--) {
    const { kind, text } = tokens[back]!;
    if (kind !== 'word') return false;
    if (stopWords.has(text)) return saysFor;
    if (waitWords.has(text)) return text !== 'back' || isWord(tokens[back - 1], 'come', 'check');
    // `Retry for 4 hours` says how long, and `do not retry for 4 hours` when.
    if (retryWords.has(text)) return (!saysFor && !isBound) || isNegated(tokens, back);
    if (text === 'for' || text === 'fur' || text === 'pendant') saysFor = true;
    else if (
      text === 'before' ||
      text === 'earlier' ||
      text === 'sooner' ||
      text === 'than' ||
      text === 'vor'
    )
      isBound = true;
    else if (!fillers.has(text) && !negations.has(text)) return false;
  }
  return false;
}

const isNegated = (tokens: readonly ReplyToken[], at: number): boolean =>
  tokens.slice(Math.max(0, at - 4), at + 3).some(({ text }) => negations.has(text));

const startsTime = set('om in after nach dans apres en tras tra fra dopo em apos over na za po через спустя');

/** Words before such a word that show that it does not belong to a rate, as in `10 messages in 5 minutes`. */
const leadIns = set('please bitte es sie het it only again попытку');
const laterWords = set('later spater plus tard tarde dopo depois позже');

/** `in 5 minutes, please try again`, `5 minutes before retrying`. `In 5 minutes, try again later` names no time. */
function isAskedAfter(tokens: readonly ReplyToken[], at: number, end: number): boolean {
  const connector = tokens[at - 1];
  const start = tokens[at - 2];
  const startsClause =
    connector?.kind === 'word' &&
    startsTime.has(connector.text) &&
    (start === undefined || start.kind === 'end' || connector.startsClause || leadIns.has(start.text));
  const leads = isWord(tokens[end], 'before', 'vor', 'avant', 'antes', 'prima');
  if (!startsClause && !leads) return false;
  for (let next = end; next < end + widest; next++) {
    const token = tokens[next];
    if (token?.kind !== 'word') return false;
    if (retryWords.has(token.text) && token.text !== 'versuchen')
      return !tokens.slice(next + 1, next + 3).some(({ text }) => laterWords.has(text));
    if (!fillersAfter.has(token.text)) return false;
  }
  return false;
}

/** `Greylisted, 300 seconds remaining`. */
function isRemaining(tokens: readonly ReplyToken[], at: number, end: number): boolean {
  if (!isWord(tokens[end], 'remaining', 'left', 'verbleibend', 'restantes', 'remain')) return false;
  return tokens
    .slice(Math.max(0, at - widest), at)
    .some(({ text }) => waitWords.has(text) || retryWords.has(text));
}

/** `Retry-After: 300`, the form of RFC 9110: seconds without a unit. */
function isField(tokens: readonly ReplyToken[], at: number): boolean {
  const [retry, after, number] = [tokens[at - 2], tokens[at - 1], tokens[at]];
  return (
    number?.kind === 'number' &&
    isWord(retry, 'retry') &&
    isWord(after, 'after') &&
    (after!.before === '-' || after!.before === '_' || number.before === ':' || number.before === '=') &&
    !/[-–−]/.test(number.before)
  );
}

/** Times in Chinese and Japanese: `请在5分钟后重试`, `5分後に再送してください`. */
const unspaced =
  /(?<![\d.:,-])(\d{1,9})\s{0,2}(秒钟|秒鐘|秒|分钟|分鐘|分|小时|小時|時間)\s{0,2}(?:之?[后後]|以[后後]|経過後)[^\d。！!.]{0,12}?(?:重|再|もう一度|お試し)/gu;
const unspacedWait = /(?:等待|稍候|等候)\s{0,2}(\d{1,9})\s{0,2}(秒钟|秒鐘|秒|分钟|分鐘|分|小时|小時|時間)/gu;

function unspacedTimes(text: string): number[] {
  return [...text.matchAll(unspaced), ...text.matchAll(unspacedWait)].map(([, number, unit]) => {
    const seconds = unit!.startsWith('秒') ? 1 : unit!.startsWith('分') ? 60 : 3600;
    return Number(number) * seconds;
  });
}

/** A duration of ISO 8601 after a word that asks to try again: `retry in PT5M`. */
const iso =
  /\b(?:again|retry|retry-after|wait)[ :=]{1,3}(?:in |after )?PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?\b/gi;

const isoTimes = (text: string): number[] =>
  [...text.matchAll(iso)]
    .filter(([, ...parts]) => parts.some((part) => part !== undefined))
    .map(
      ([, hours = '0', minutes = '0', seconds = '0']) =>
        Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
    );
