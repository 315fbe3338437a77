// Reads the settings of mailbox proof by SMTP.

import { parseMailbox } from '../address/parse.ts';
import { isProberUrl } from '../mailbox/remote-prober.ts';
import { isHeloName } from '../mailbox/smtp-command.ts';
import { type SocksProxy, socksProxy } from '../mailbox/socks-proxy.ts';

export interface ProofSettings {
  /** Whether verdicts use what is known about mailboxes: own mail, and answers that `presend probe` stored. */
  readonly inVerdicts: boolean;
  /** The name with which the prober introduces itself. Null if it is not set: no host can be asked. */
  readonly heloName: string | null;
  /** The operator's mailbox in MAIL FROM. Null if it is not set: no host can be asked. */
  readonly mailFrom: string | null;
  /** Another presend that asks the mail hosts, with a key of it; null if this one asks them. */
  readonly remote: { readonly url: string; readonly key: string } | null;
  /** The SOCKS5 proxy through which mail hosts are asked; null to ask them directly. */
  readonly proxy: SocksProxy | null;
}

/** `text` returns the value of a setting, or null. Adds what is wrong to `mistakes`. */
export function readProofSettings(text: (name: string) => string | null, mistakes: string[]): ProofSettings {
  const proof = text('MAILBOX_PROOF') ?? 'off';
  if (proof !== 'off' && proof !== 'smtp')
    mistakes.push(
      'MAILBOX_PROOF must be off or smtp. With smtp, presend asks mail hosts whether mailboxes exist.',
    );
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
  const remoteUrl = text('PROBE_URL');
  const remoteKey = text('PROBE_KEY');
  if (remoteUrl !== null && !isProberUrl(remoteUrl))
    mistakes.push(
      'PROBE_URL must be the URL of another presend, such as https://prober.example.com. With http, its host must be in your own network: http://prober.internal or http://10.0.0.5:8787.',
    );
  if (remoteKey !== null && !/^[\x21-\x7e]{1,500}$/.test(remoteKey))
    mistakes.push('PROBE_KEY must be an API key of the presend at PROBE_URL, with the scope probe.');
  if ((remoteUrl === null) !== (remoteKey === null))
    mistakes.push('Only one of PROBE_URL and PROBE_KEY is set. Set both, or none.');
  if (remoteUrl !== null && proxyText !== null)
    mistakes.push('PROBE_URL and PROBE_PROXY are both set. Remove one of them.');
  return {
    remote: remoteUrl === null || remoteKey === null ? null : { url: remoteUrl, key: remoteKey },
    inVerdicts: proof === 'smtp',
    heloName,
    mailFrom: parsed?.ok ? parsed.mailbox.address : null,
    proxy,
  };
}
