// Automatic answers of people who are away and of desks that open tickets (RFC 3834, RFC 5436).

import type { ReportMail } from './mail.ts';

const subjects =
  /\bout of (?:the )?office\b|^\s*(?:re: ?)?(?:auto: |auto(?:matic|mated)?[ -]?(?:re(?:ply|sponse|spond)|reply|answer)|autoreply|autoresponder|out of (?:the )?office|away from|i am away|on vacation|vacation\b|abwesen|automatische? antwort|r[eé]ponse automatique|absence|respuesta autom|risposta automatica|resposta autom|automatisch antwoord|autosvar|автоответ|自動(?:返信|応答)|自动(?:回复|答复)|自動回覆|자동)/i;

/** Whether a program answered in the name of the recipient: the message arrived. */
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
    subjects.test(mail.subject)
  );
}
