// Finds the SMTP command that a reply answers, if the mail system that quotes the reply names the command.

export type SmtpCommand = 'connect' | 'helo' | 'mail' | 'rcpt' | 'data';

const marks: readonly (readonly [SmtpCommand, readonly string[]])[] = [
  [
    'mail',
    [
      'in reply to mail from',
      'after mail from',
      'after pipelined mail from',
      'after sender',
      'mail from command',
      'not like our mail',
      'but sender was rejected',
      // The mail libraries nodemailer, PHPMailer, smtplib (Python) and Jakarta Mail (Java).
      'mail command failed',
      'following from address failed',
      'smtpsenderrefused',
      'smtpsenderfailedexception',
      '[mail_from]',
    ],
  ],
  [
    'rcpt',
    [
      'in reply to rcpt to',
      'after rcpt to',
      'after pipelined rcpt to',
      'rcpt command',
      'rcpt to command',
      'not like our rcpt',
      'does not like recipient',
      'recipient command failed',
      'all recipients were rejected:',
      'following recipients failed',
      'smtprecipientsrefused',
      'smtpaddressfailedexception',
      '[rcpt_to]',
    ],
  ],
  [
    'data',
    [
      'end of data',
      'in reply to data',
      'after data',
      'data command',
      'not like our data',
      'final data',
      'failed after i sent the message',
      'smtpdataerror',
    ],
  ],
  [
    'helo',
    [
      'in reply to helo',
      'in reply to ehlo',
      'after ehlo',
      'after helo',
      'but my name was rejected',
      'smtpheloerror',
    ],
  ],
  [
    'connect',
    ['refused to talk to me', 'after initial connection', 'but greeting failed', 'smtpconnecterror'],
  ],
];

const names: Readonly<Record<string, SmtpCommand>> = {
  mail: 'mail',
  'mail from': 'mail',
  rcpt: 'rcpt',
  'rcpt to': 'rcpt',
  data: 'data',
  'end of data': 'data',
  bdat: 'data',
  helo: 'helo',
  ehlo: 'helo',
  connect: 'connect',
};

/** The command that a name such as `RCPT TO` means, or null. */
export function commandNamed(name: string): SmtpCommand | null {
  const key = name.trim().toLowerCase();
  return Object.hasOwn(names, key) ? names[key]! : null;
}

/**
 * The command that a mail system names next to the reply it quotes (`in reply to RCPT TO command`, `>>> DATA`), or null.
 */
export function commandIn(text: string): SmtpCommand | null {
  const lower = text.toLowerCase().replace(/\s+/g, ' ');
  for (const [command, phrases] of marks)
    if (phrases.some((phrase) => lower.includes(phrase))) return command;
  const refusal = /<<< ?[45]\d\d/.exec(lower);
  // Postfix and DragonFly begin a reply to RCPT TO with these words.
  if (!refusal) return lower.includes('recipient address rejected') ? 'rcpt' : null;
  const sent = lower.lastIndexOf('>>> ', refusal.index);
  return sent === -1 ? null : commandNamed(/^[a-z]+/.exec(lower.slice(sent + 4, sent + 12))?.[0] ?? '');
}
