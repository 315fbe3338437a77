// Reads the settings of mailbox proof by SMTP.

import { parseMailbox } from '../address/parse.ts';
import { isHeloName } from '../mailbox/smtp-command.ts';
import { type SocksProxy, socksProxy } from '../mailbox/socks-proxy.ts';

export interface ProofSettings {
  /** Whether verdicts use what is known about mailboxes: own mail, and answers that `presend probe` stored. */
  readonly inVerdicts: boolean;
  /** The name with which the prober introduces itself. Null if it is not set: no host can be asked. */
  readonly heloName: string | null;
  /** The operator's mailbox in MAIL FROM. Null if it is not set: no host can be asked. */
  readonly mailFrom: string | null;
  /** The SOCKS5 proxy through which mail hosts are asked; null to ask them directly. */
  readonly proxy: SocksProxy | null;
}

/** `text` returns the value of a setting, or null. Adds what is wrong to `mistakes`. */
export function readProofSettings(text: (name: string) => string | null, mistakes: string[]): ProofSettings {
  const proof = text('MAILBOX_PROOF') ?? 'off';
  if (proof !== 'off' && proof !== 'smtp') mistakes.push('MAILBOX_PROOF must be off or smtp.');
  const heloName = text('SMTP_HELO_NAME');
  if (heloName !== null && !isHeloName(heloName))
    mistakes.push('SMTP_HELO_NAME must be the host name of this machine, such as mail.example.com.');
  const sender = text('SMTP_MAIL_FROM');
  const parsed = sender === null ? null : parseMailbox(sender);
  if (parsed !== null && !(parsed.ok && !parsed.mailbox.smtputf8))
    mistakes.push(
      'SMTP_MAIL_FROM must be the address of a mailbox of yours, such as postmaster@example.com.',
    );
  const proxyText = text('PROBE_PROXY');
  const proxy = proxyText === null ? null : socksProxy(proxyText);
  if (proxyText !== null && proxy === null)
    mistakes.push('PROBE_PROXY must be a URL such as socks5://user:password@proxy.example.com:1080.');
  return {
    inVerdicts: proof === 'smtp',
    heloName,
    mailFrom: parsed?.ok ? parsed.mailbox.address : null,
    proxy,
  };
}
