// Any bounce that no other format recognizes. Looks for its recipients at the start of a line, in sentences about a failure,
// in X-Failed-Recipients, and in the header of the returned message.

import { addressesIn, verpRecipient } from '../address-text.ts';
import { fieldGroups, first } from '../fields.ts';
import type { ReportMail } from '../mail.ts';
import { recipientList } from '../recipient-field.ts';
import { wasPostedToList } from '../returned-message.ts';
import { type BounceFormat, type FoundRecipient, maximumRecipients } from './format.ts';
import { mergeRecipients, recipientBlocks } from './recipient-lines.ts';

const fromMailer =
  /mailer-?daemon|postmaster|-(?:bounces|owner|request)@|listserv@|mail[ .-]?delivery|mail administrator|delivery (?:sub)?system|sysadmin|mail.?system|microsoftexchange[0-9a-f]{16,}@|<>/i;
const subjects =
  /undeliver|deliver(?:y|ed)? (?:status|fail|problem|error|report|notif|has failed)|fail(?:ed|ure) (?:deliver|notice|mail)|failure notice|returned (?:mail|to sender|message)|message.{0,20} blocked by|mail (?:delivery|failure|system error|error)|could ?n[o']t be delivered|not delivered|non.?deliver|bounce|rejected|error sending|unzustellbar|no se pudo entregar|devolvid|devuelto|non remis|retourn|zur[uü]ck|restituit|terug|не доставлено|mail failure|delayed|message status|配信|送信できません|エラー/i;
/** Phrases for "was not delivered" in languages other than English. */
const abroad =
  /no se (?:puede|pudo|ha podido) (?:entregar|enviar)|não (?:foi (?:possível|entregue)|pôde ser)|nao foi (?:possivel|entregue)|(?:impossibile|mancato|mancata|non|non [eè] stat[oa]) (?:stat[oa] )?(?:recapit|consegn)|non [eè] stato possibile|no (?:ha sido|fue) (?:entregad|posible)|n'a pas pu (?:atteindre|joindre)|recapito non riuscito|échec de la remise|n'a pas pu être (?:remis|distribu|livr|achemin)|impossible de (?:remettre|distribuer|livrer)|non remis|konnte nicht (?:zugestellt|zugeleitet|übermittelt|gesendet)|unzustellbar|nachrichtenzustellung|niet (?:bezorgd|afgeleverd|worden bezorgd)|onbestelbaar|kunde inte (?:levereras|skickas)|(?:kunne|kan) ikke (?:leveres|sendes)|nie (?:można|udało|może|została|zostala) |niedoręcz|nedoruč|nebylo možné doručit|kézbesíthet|nem sikerült|nu a putut fi livrat|teslim edilemedi|iletilemedi|не (?:может быть|удалось|был[ао]?) доставл|не удалось|невозможно доставить|недоставлен|не доставлен|ошибка доставки|退信|退回|投递失败|传输失败|發送失敗|发送失败|无法(?:发送|送达|投递)|無法(?:傳送|送達|投遞)|配信(?:不能|できません|エラー)|送信できません|届けられません|전송(?:하지|에)? ?(?:못|실패)|발송 ?실패|반송|배달되지|tidak (?:dapat|terkirim)|không (?:thể gửi|gửi được)/iu;
/** Words that introduce the recipient of a failed message, such as `unable to deliver to` or `unknown user`. */
const failureBefore =
  /(?:(?:recapit|consegn|entreg|zugestellt|remis|livr[eé]|distribu|achemin|bezorgd|afgeleverd|dostarcz|doręcz|доставл|teslim|levere)[^.!?;,:\n–—]{0,60}?\s(?:an|a|à|al|au|para|aan|do|к|til|till)(?:\s(?:(?:den|die|der|il|le|la|el|los|o|de|het) )?(?:empf[aä]nger(?:in)?|destinataires?|destinatari[oa]|ontvanger|odbiorc\w*|adresata|получател\w*|адресат\w*|utente|usuario|usuário|utilisateur|benutzer|gebruiker))?|(?:deliver(?:ed|y|able)?|undeliverable|undelivered|sent|forward(?:ed)?|address(?:ed)|reach(?:ed)?|relayed|mailed|message|mail|e-?mail)\b[^.!?;]{0,60}?\b(?:to|for|with|of)|(?:not|n.t|unable to|failed to|could) (?:be )?reach|(?:not|n.t) be (?:reached|delivered|contacted|found)|(?:unknown|invalid|no such|bad|illegal|nonexistent|non-existent|rejected|failed|unreachable|disabled|inactive)\s+(?:(?:local )?user|mailbox|address(?:es)?|recipients?|account)|(?:empf[aä]nger|destinataires?|destinatari[oa]?s?|ontvangers?|odbiorc\w*|получател\w*|адрес\w*|宛先|あて先|送信先|アドレス|收件人|收件者|地址|수신자|수신인|받는 ?사람|받는 ?이|주소)[^\n:：]{0,12}[:：]|(?:(?:failed|following|intended|original|undeliverable|these|this) )?(?:recipients?|address(?:es|\(es\))?)(?:\(s\))?|rcpt to|errors|user|mailbox|account)\s*(?:\(s\))?\s*(?:is|was|were|are)?\s*[:=]?\s*["'<([]*$/i;
/** Words after an address that say that delivery to it failed. */
const failureAfter =
  /^["'>)\]]*\s*[:,]?\s*(?:(?:is|was|are|has|have|does|do|did|could|can|cannot|may)\b[^.!?]{0,24}?)?(?:\bnot\b|n.t\b|unknown|unavailable|disabled|inactive|invalid|full|over ?quota|exceed|fail|reject|refus|undeliver|no longer|no such|suspend|expired|closed|n'existe|inconnu|no existe|no pudo|non esiste|não existe|existiert nicht|unbekannt|konnte nicht|bestaat niet|nie istnieje|не существует|не найден|(?:la |il |das |die |der |le |el |o |a |il )?[\p{L}' ]{0,24}?(?:non esiste|existiert nicht|n'existe pas|no existe|não existe))|^["'>)\]）」]*\s*[:：,]?\s*.{0,12}(?:不存在|无法|未找到|找不到|不正确|已满|拒|停用|存在し|見つかり|見つから|届け|存在하지|존재하지|없습니다)/iu;
const failing =
  /fail|undeliver|\bnot\b|n.t\b|unable|cannot|reject|refus|return|bounce|delay|error|problem|invalid|unknown|no such|illegal|bad |\b(?:non|nicht|nie|niet|não|nao|no|kan ikke|kunde inte)\b|n'a pas|impossib|(?<!\p{L})не /iu;
/**
 * Matches the part of a line before an address, if its last clause says that something failed and ends with a colon, as in
 * `Delivery failed 20 attempts: jane@example.org`.
 */
const failingLabel =
  /(?:fail|undeliver|\bnot\b|n.t\b|unable|reject|refus|error|unknown|invalid|no such|full|exceed|quota|unbekannt|inconnu|desconocido|sconosciuto|nieznany|не найден)[^\n:,;–—]{0,60}:\s*["'<([]*$/i;
/**
 * Words that suggest writing to another address, such as `please contact`. An address near them is not a failed
 * recipient.
 */
const advice =
  /\b(?:please|kindly|instead|contact|write|resend|redirect|redirected|direct|forward(?:ed)? (?:it|this|your|all)|send (?:it|your|this|all|any|mail|messages?|e-?mails?|a|an)|report|new (?:address|e-?mail)|changed to|moved to|now at|replaced by|questions?|help|assist|support|enquir\w*|inquir\w*|complain\w*|appeal|use|reply to|call|visit|try|postmaster|administrator|helpdesk|bitte|wenden|schreiben|neue|veuillez|[ée]crivez|contactez|nouvelle|por favor|escriba|p[oó]ngase|nueva|favor|escreva|novo|contate|scriv\w*|contatt\w*|nuovo|schrijf|stuur|nieuwe|neem contact|prosz[eę]|napisz|nowy|пожалуйста|напишите|обратитесь|новый|kontakta|skriv|v[äa]nligen|ny adress|l[uü]tfen|yaz[ıi]n)\b|ください|連絡|新(?:しい|的)?(?:地址|邮箱|郵箱|信箱|メール|アドレス)|새(?:로운)? ?(?:주소|이메일|메일)|请|联系|請|문의|보내/i;

const ownWords =
  /fail|undeliver|not (?:be )?deliver|unable to deliver|could not|couldn't|reject|return|bounce|delay|error|problem|wasn't|trouble|不|できません/i;

export const any: BounceFormat = {
  name: 'any',
  read(mail) {
    const fromDaemon =
      fromMailer.test(mail.header('from') ?? '') || mail.header('return-path')?.trim() === '<>';
    const failed = recipientList(mail.header('x-failed-recipients') ?? '');
    const says = ownWords.test(mail.text) || abroad.test(mail.text);
    const titled = subjects.test(mail.subject) || abroad.test(mail.subject);
    if (failed.length === 0 && !(titled || (fromDaemon && says))) return [];
    if (!fromDaemon && failed.length === 0 && !(says && isByMachine(mail))) return [];
    const sender = addressesIn(mail.header('to') ?? '')[0]?.address;
    const others = (found: readonly FoundRecipient[]) => {
      const without = found.filter(({ address }) => address !== sender);
      return without.length > 0 ? without : found;
    };
    const action = /delay|still trying|warning/i.test(mail.subject) ? { action: 'delayed' as const } : {};
    const found = firstOf(
      () => others(failingBlocks(mail.text).filter(({ diagnostic }) => diagnostic !== '')),
      () => others(failingBlocks(mail.text)).map((one) => ({ ...one, diagnostic: mail.text })),
      () => others(inSentences(mail.text)),
      () => failed.map((address) => ({ address, diagnostic: mail.text })),
      () => returnedTo(mail),
    );
    return found.map((one) => ({ ...one, ...action }));
  },
};

/**
 * Whether a mail system wrote the message: it returns another message, it is marked as automatic (Auto-Submitted), or it
 * was sent to a return path that encodes a recipient (VERP). Otherwise a person may have written about a bounce.
 */
const isByMachine = (mail: ReportMail): boolean =>
  mail.returned !== '' ||
  /^auto-/i.test(mail.header('auto-submitted')?.trim() ?? '') ||
  verpRecipient(addressesIn(mail.header('to') ?? '')[0]?.address ?? '') !== null;

function firstOf(...ways: (() => readonly FoundRecipient[])[]): readonly FoundRecipient[] {
  for (const way of ways) {
    const found = way();
    if (found.length > 0) return found;
  }
  return [];
}

/** Addresses in sentences about a failure, except those that the sentence gives as a contact or as a new address. */
function inSentences(text: string): FoundRecipient[] {
  const found: FoundRecipient[] = [];
  for (const { address, start, end } of addressesIn(text).slice(0, maximumRecipients)) {
    const before = text
      .slice(Math.max(0, start - 160), start)
      .split(/[.!?](?=\s)|\n\s*\n/)
      .at(-1)!;
    const lineBefore = text
      .slice(Math.max(0, start - 200), start)
      .split(/\n|[.!?](?=\s)|[。！？]/)
      .at(-1)!;
    const after = text
      .slice(end, end + 80)
      .split(/[.!?](?=\s)|\n\s*\n/)[0]!
      .replace(/\s+/g, ' ');
    const isCommand = /\brcpt to:\s*<?$/i.test(before);
    if (!isCommand && advice.test(`${before} ${after}`)) continue;
    const isFailure =
      isCommand ||
      failureAfter.test(after) ||
      failingLabel.test(lineBefore) ||
      (failureBefore.test(before) && (failing.test(before) || !/\s\w+\s/.test(before)));
    if (isFailure && !found.some((one) => one.address === address)) found.push({ address, diagnostic: text });
  }
  return found;
}

/**
 * Blocks of lines that begin with a recipient. Leaves out a block if the line before it suggests writing to that address.
 */
const failingBlocks = (text: string): FoundRecipient[] =>
  mergeRecipients(
    recipientBlocks(text).filter(({ address }) => {
      const at = text.indexOf(address);
      const before = text.slice(Math.max(0, at - 400), at).trimEnd();
      return !advice.test(before.slice(before.lastIndexOf('\n') + 1).slice(-160));
    }),
  );

/**
 * The recipient in the header of the returned message, or in a header field that the text quotes. If there is not exactly
 * one, or if it is a mailing list, returns one entry without an address.
 */
function returnedTo(mail: ReportMail): FoundRecipient[] {
  const header = fieldGroups(mail.returned.slice(0, 65_536))[0] ?? new Map();
  const inText = /^(?:x-original-to|delivered-to|to):([^\n]*)/im.exec(mail.text)?.[1];
  const to = ['x-original-to', 'delivered-to', 'to']
    .map((name) => first(header, name))
    .find((value) => value !== null);
  const [only, another] = addressesIn(to ?? inText ?? '');
  const known = only !== undefined && another === undefined && !wasPostedToList(header, only.address);
  return [{ address: known ? only.address : null, diagnostic: mail.text }];
}
