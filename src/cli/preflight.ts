// `presend preflight`: checks the DNS records of a sender, or a message, and prints what is wrong and what to change.

import { readFileSync } from 'node:fs';
import { UsageError } from '../platform/usage-error.ts';
import { type FindingSeverity, isDnsUnreachable } from '../preflight/finding.ts';
import type { MessagePurpose } from '../preflight/message/message-finding.ts';
import { exitAfterOutput, requireFile, settingsOfEnvironment } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { CommandFailure } from './failure.ts';
import { messageText, preflightText } from './preflight-text.ts';

export const command = defineCommand({
  name: 'preflight',
  operands: 'DOMAIN | --message FILE | --watched',
  summary: "check a sender's own DNS (SPF, DKIM, DMARC, reverse DNS, blocklists), or a message",
  about:
    'Looks up the DNS records of the domain in From, and says which of them make mail bounce and what to publish instead. With --message, checks a message instead: its signatures, headers, size, links, attachments and way to unsubscribe. Changes nothing. A DNS query that no resolver answers is never a finding.',
  options: {
    selector: {
      type: 'string',
      value: 'SELECTOR',
      multiple: true,
      help: 'a DKIM selector: the value of s= in the DKIM-Signature of your mail; may be repeated',
    },
    ip: {
      type: 'string',
      value: 'ADDRESS',
      multiple: true,
      help: 'an IP address that sends the mail; may be repeated',
    },
    'bounce-domain': {
      type: 'string',
      value: 'DOMAIN',
      help: 'the domain of the Return-Path, if it is not the From domain',
    },
    helo: {
      type: 'string',
      value: 'HOST',
      help: 'the name with which your mail server introduces itself (HELO)',
    },
    tracking: {
      type: 'string',
      value: 'HOST',
      multiple: true,
      help: 'a host name in tracked links; may be repeated',
    },
    message: {
      type: 'string',
      value: 'FILE',
      help: 'check this message, in its source (.eml), instead of a domain; "-" is standard input',
    },
    purpose: {
      type: 'string',
      value: 'PURPOSE',
      default: 'marketing',
      choices: ['marketing', 'transactional'],
      help: 'with --message: the purpose of the message; transactional mail needs no way to unsubscribe',
    },
    timeout: {
      type: 'integer',
      value: 'SECONDS',
      default: 8,
      range: [1, 60],
      help: 'how long all look-ups may take',
    },
    watched: {
      type: 'boolean',
      help: 'check the domains in PREFLIGHT_DOMAINS now, and print what changed since the last check',
    },
    ...jsonOption,
  },
  exit: '1 if there is an error among the findings, 3 if there are only warnings, else 0.',
  examples: [
    'presend preflight example.com',
    'presend preflight example.com --ip 198.51.100.7 --selector s1 --json',
    'presend preflight --message newsletter.eml',
    'presend preflight --watched',
  ],
  async run({ operands: [domain, ...others], values }) {
    const { message, timeout } = values;
    if (values.watched) {
      if (domain !== undefined) throw new UsageError('--watched needs no domain: PREFLIGHT_DOMAINS has them');
      const { checkWatched } = await import('./preflight-watched.ts');
      process.exitCode = exitStatusOf(await checkWatched(await openPreflight(timeout * 1000), values.json));
      exitAfterOutput();
      return;
    }
    if (message !== undefined) {
      if (domain !== undefined)
        throw new UsageError('preflight takes either a domain or --message, not both');
      return checkMessageFile(message, { ...values, deadlineMs: timeout * 1000 });
    }
    if (domain === undefined || others.length > 0)
      throw new UsageError('preflight needs one domain, such as example.com, or --message FILE');
    const { preflightLimits, readPreflight } = await import('../preflight/read-request.ts');
    const given = {
      domain,
      selectors: values.selector,
      ips: values.ip,
      bounce_domain: values['bounce-domain'],
      helo: values.helo,
      tracking: values.tracking,
    };
    for (const [field, most] of Object.entries(preflightLimits))
      if ((given[field as keyof typeof preflightLimits]?.length ?? 0) > most)
        throw new UsageError(`preflight takes at most ${most} values of --${optionOf(field)}`);
    const read = readPreflight(given);
    if ('mistakes' in read) {
      const [{ path, detail }] = read.mistakes as [(typeof read.mistakes)[number]];
      throw new UsageError(`${path[0] === 'domain' ? 'DOMAIN' : `--${optionOf(String(path[0]))}`} ${detail}`);
    }
    const answer = await (await openPreflight(timeout * 1000)).check(read.request);
    if (isDnsUnreachable(answer.facts))
      throw new CommandFailure('dns_unreachable', 'no DNS resolver answers. "presend doctor" tests each');
    finish(answer.findings, values.json ? `${JSON.stringify(answer)}\n` : preflightText(answer));
  },
});

const optionOf = (field: string): string =>
  ({ selectors: 'selector', ips: 'ip', bounce_domain: 'bounce-domain' })[field] ?? field;

/** Prints the answer, and sets the exit status by the findings. */
function finish(findings: readonly { readonly severity: FindingSeverity }[], text: string): void {
  process.stdout.write(text);
  process.exitCode = exitStatusOf(findings);
  exitAfterOutput();
}

async function openResolver() {
  const { openDns } = await import('./open-dns.ts');
  const { settings } = await settingsOfEnvironment();
  const { resolver } = await openDns(settings);
  return { resolver, settings };
}

async function openPreflight(deadlineMs: number) {
  const { systemTimers } = await import('../clock.ts');
  const { nodePolicyTransport } = await import('../platform/policy-transport.ts');
  const { createPreflight } = await import('../preflight/preflight.ts');
  const { resolver, settings } = await openResolver();
  return createPreflight({
    resolver,
    timers: systemTimers,
    zones: settings.blocklistZones,
    policyTransport: nodePolicyTransport,
    loadLibrary: async () => (await import('../preflight/mailauth.ts')).mailauthLibrary,
    deadlineMs,
  });
}

/** Maximum bytes of a message file. Most receivers accept no larger message. */
const maxMessageFile = 25 * 1024 * 1024;

async function checkMessageFile(
  file: string,
  {
    'bounce-domain': bounce,
    purpose,
    json,
    deadlineMs,
  }: {
    readonly 'bounce-domain'?: string | undefined;
    readonly purpose: MessagePurpose;
    readonly json: boolean;
    readonly deadlineMs: number;
  },
): Promise<void> {
  const { readPreflightName } = await import('../preflight/read-request.ts');
  const bounceDomain = bounce === undefined ? null : readPreflightName(bounce);
  if (bounce !== undefined && bounceDomain === null)
    throw new UsageError('--bounce-domain must be a domain such as bounces.example.com');
  requireFile(file);
  const raw = readFileSync(file === '-' ? 0 : file);
  if (raw.length > maxMessageFile)
    throw new CommandFailure('message_too_large', 'the message is larger than 25 MiB');
  const { systemTimers } = await import('../clock.ts');
  const { createMessagePreflight } = await import('../preflight/message/message-preflight.ts');
  const { resolver } = await openResolver();
  const answer = await createMessagePreflight({
    resolver,
    timers: systemTimers,
    loadVerifier: async () => (await import('../preflight/message/mailauth-signatures.ts')).verifySignatures,
    deadlineMs,
  }).check({ raw, bounceDomain, purpose });
  finish(answer.findings, json ? `${JSON.stringify(answer)}\n` : messageText(answer));
}

function exitStatusOf(findings: readonly { readonly severity: FindingSeverity }[]): number {
  if (findings.some(({ severity }) => severity === 'error')) return 1;
  return findings.some(({ severity }) => severity === 'warning') ? 3 : 0;
}
