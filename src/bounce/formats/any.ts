// Any other bounce: recipients that stand at the beginning of a line or behind words such as "undeliverable to".

import { addressesIn } from '../address-text.ts';
import type { ReportMail } from '../mail.ts';
import { type BounceFormat, type FoundRecipient, maximumRecipients } from './format.ts';
import { merged, recipientBlocks } from './recipient-lines.ts';

const fromMailer =
  /mailer-?daemon|postmaster|mail[ .-]?delivery|mail administrator|delivery (?:sub)?system|sysadmin|mail.?system|<>/i;
const subjects =
  /undeliver|deliver(?:y|ed)? (?:status|fail|problem|error|report|notif|has failed)|fail(?:ed|ure) (?:deliver|notice|mail)|failure notice|returned (?:mail|to sender|message)|message.{0,20} blocked by|mail (?:delivery|failure|system error|error)|could ?n[o']t be delivered|not delivered|non.?deliver|bounce|rejected|error sending|unzustellbar|no se pudo entregar|devolvid|non remis|не доставлено|mail failure|delayed|message status|配信|送信できません|エラー/i;
const leadIn =
  /(?:\bto|recipients?\)?|address(?:es|\(es\))?|reach|rcpt to|original address|for|errors|user|mailbox|size|unknown)\s*[:=]?\s*["'<(]*$/i;
const ownWords =
  /fail|undeliver|not (?:be )?deliver|unable to deliver|could not|couldn't|reject|return|bounce|delay|error|problem|wasn't|trouble|不|できません/i;

export const any: BounceFormat = {
  name: 'any',
  read(mail) {
    const fromDaemon =
      fromMailer.test(mail.header('from') ?? '') || mail.header('return-path')?.trim() === '<>';
    const failed = addressesIn(mail.header('x-failed-recipients') ?? '').map(({ address }) => address);
    if (failed.length === 0 && !(subjects.test(mail.subject) || (fromDaemon && ownWords.test(mail.text))))
      return [];
    if (!fromDaemon && failed.length === 0 && !ownWords.test(mail.text)) return [];
    const sender = addressesIn(mail.header('to') ?? '')[0]?.address;
    const others = (found: readonly FoundRecipient[]) => {
      const without = found.filter(({ address }) => address !== sender);
      return without.length > 0 ? without : found;
    };
    const action = /delay|still trying|warning/i.test(mail.subject) ? { action: 'delayed' as const } : {};
    const found = firstOf(
      () => others(merged(recipientBlocks(mail.text)).filter(({ diagnostic }) => diagnostic !== '')),
      () => others(merged(recipientBlocks(mail.text))).map((one) => ({ ...one, diagnostic: mail.text })),
      () => others(inSentences(mail.text)),
      () => failed.map((address) => ({ address, diagnostic: mail.text })),
      () => returnedTo(mail),
    );
    return found.map((one) => ({ ...one, ...action }));
  },
};

function firstOf(...ways: (() => readonly FoundRecipient[])[]): readonly FoundRecipient[] {
  for (const way of ways) {
    const found = way();
    if (found.length > 0) return found;
  }
  return [];
}

function inSentences(text: string): FoundRecipient[] {
  const found: FoundRecipient[] = [];
  for (const { address, start } of addressesIn(text).slice(0, maximumRecipients))
    if (
      leadIn.test(text.slice(Math.max(0, start - 40), start)) &&
      !found.some((one) => one.address === address)
    )
      found.push({ address, diagnostic: text });
  return found;
}

function returnedTo(mail: ReportMail): FoundRecipient[] {
  const to =
    /^(?:x-original-to|delivered-to|to):([^\n]*)/im.exec(`${mail.returned}\n${mail.text}`)?.[1] ?? '';
  const address = addressesIn(to)[0]?.address ?? null;
  return [{ address, diagnostic: mail.text }];
}
