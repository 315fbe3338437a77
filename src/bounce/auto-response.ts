// Recognizes automatic replies, such as out-of-office messages and acknowledgments of ticket systems (RFC 3834, RFC 5436).

import type { ReportMail } from './mail.ts';

/**
 * The words with which the subjects of automatic replies begin, in many languages. In `subjects`, a `Re:` may come before
 * them.
 */
const openings: readonly RegExp[] = [
  /(?:auto(?:mat|maa)[^\s:]{0,12}(?: [^\s:]{2,20})? ?:|fr[aå]nvarande)/,
  /(?:auto: |auto(?:matic|mated)?[ -]?(?:re(?:ply|sponse|spond)|answer)|autorespon[ds]e?r?)/,
  /(?:out of (?:the )?office|away from|i am away|on vacation|vacation\b|on leave|holiday notice)/,
  /(?:abwesen|automatische? antwort|nicht im b[uü]ro|r[eé]ponse automatique|absen(?:ce|t)|message d'absence)/,
  /(?:respuesta autom|fuera de (?:la )?oficina|risposta automatica|fuori ufficio|assen(?:za|te)|resposta autom|fora do escrit|aus[eê]n)/,
  /(?:automatisch antwoord|afwezig|autosvar|automatiskt? svar|fr[aå]nvaro|frav[aæ]r|automaattinen|poissa)/,
  /(?:automatick[aá] odpov[eě]|automatyczn|odpowied[zź] automat|autoodpowied|nieobecno|automatikus v[aá]lasz|h[aá]zon k[ií]v|r[aă]spuns automat)/,
  /(?:otomatik (?:yan[ıi]t|cevap)|ofis d[ıi][sş][ıi]|αυτ[οό]ματη απ|автоматич|автоответ|відповідь автомат)/,
  /(?:自動(?:返信|応答|回覆)|自动(?:回复|答复)|不在(?:办公室|のお知らせ)|外出|자동|부재|תשובה אוטומטית|מענה אוטומטי|رد تلقائي|ตอบกลับอัตโนมัติ|trả lời tự động|balasan otomatis)/,
];
const subjects = new RegExp(
  `\\bout of (?:the )?office\\b|^\\s*(?:(?:re|aw|sv|antw): ?)?(?:${openings.map(({ source }) => source).join('|')})`,
  'i',
);

/** Whether the message is an automatic reply from the recipient's mailbox. If so, the original message arrived there. */
export function isAutoResponse(mail: ReportMail): boolean {
  const submitted = mail.header('auto-submitted')?.trim().toLowerCase() ?? '';
  const precedence = mail.header('precedence')?.trim().toLowerCase() ?? '';
  return (
    submitted.startsWith('auto-replied') ||
    submitted.startsWith('auto-notified') ||
    /^auto[-_ ]?reply/.test(precedence) ||
    ['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-auto-reply', 'x-autoreply-from'].some(
      (name) => mail.header(name) !== null && !/^no$/i.test(mail.header(name)!.trim()),
    ) ||
    /^(?:oof|auto-?reply|vacation)/i.test(mail.header('x-ms-exchange-inbox-rules-loop') ?? '') ||
    subjects.test(mail.subject.normalize('NFC'))
  );
}
