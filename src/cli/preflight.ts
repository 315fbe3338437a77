// `presend preflight`: checks the DNS records of a sender, and prints what is wrong and what to publish.

import { UsageError } from '../platform/usage-error.ts';
import { isDnsUnreachable, type PreflightFinding } from '../preflight/finding.ts';
import type { PreflightAnswer, PreflightFacts } from '../preflight/preflight.ts';
import { exitAfterOutput, settingsOfEnvironment } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { CommandFailure } from './failure.ts';
import { findingText, severityWords } from './finding-text.ts';
import { printable } from './terminal.ts';

export const command = defineCommand({
  name: 'preflight',
  operands: 'DOMAIN | --watched',
  summary: "check a sender's own DNS: SPF, DKIM, DMARC, reverse DNS, blocklists",
  about:
    'Looks up the DNS records of the domain in From, and says which of them make mail bounce and what to publish instead. Changes nothing. A question that no resolver answers is never a finding.',
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
    helo: { type: 'string', value: 'HOST', help: 'the name with which your server introduces itself' },
    tracking: {
      type: 'string',
      value: 'HOST',
      multiple: true,
      help: 'a host name in tracked links; may be repeated',
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
    'presend preflight --watched',
  ],
  async run({ operands: [domain, ...others], values }) {
    if (values.watched) {
      if (domain !== undefined) throw new UsageError('--watched needs no domain: PREFLIGHT_DOMAINS has them');
      const { checkWatched } = await import('./preflight-watched.ts');
      process.exitCode = exitStatusOf(
        await checkWatched(await openPreflight(values.timeout * 1000), values.json),
      );
      exitAfterOutput();
      return;
    }
    if (domain === undefined || others.length > 0)
      throw new UsageError('preflight needs one domain, such as example.com');
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
    const answer = await (await openPreflight(values.timeout * 1000)).check(read.request);
    if (isDnsUnreachable(answer.facts))
      throw new CommandFailure('dns_unreachable', 'no DNS resolver answers. "presend doctor" tests each');
    process.stdout.write(values.json ? `${JSON.stringify(answer)}\n` : preflightText(answer));
    process.exitCode = exitStatusOf(answer.findings);
    exitAfterOutput();
  },
});

const optionOf = (field: string): string =>
  ({ selectors: 'selector', ips: 'ip', bounce_domain: 'bounce-domain' })[field] ?? field;

async function openPreflight(deadlineMs: number) {
  const { systemTimers } = await import('../clock.ts');
  const { createDns } = await import('../dns/create-dns.ts');
  const { fetchTransport } = await import('../dns/transport/fetch.ts');
  const { createHttp2Transport } = await import('../dns/transport/http2.ts');
  const { plainDnsOf } = await import('../dns/transport/plain-node.ts');
  const { nodePolicyTransport } = await import('../platform/policy-transport.ts');
  const { createPreflight } = await import('../preflight/preflight.ts');
  const { settings } = await settingsOfEnvironment();
  const { plainDns } = plainDnsOf(settings);
  const { resolver } = createDns({
    urls: settings.dohUrls,
    shareInFlight: true,
    transport: createHttp2Transport(fetchTransport(fetch)),
    ...(plainDns && { plain: plainDns }),
  });
  return createPreflight({
    resolver,
    timers: systemTimers,
    zones: settings.blocklistZones,
    policyTransport: nodePolicyTransport,
    loadLibrary: async () => (await import('../preflight/mailauth.ts')).mailauthLibrary,
    deadlineMs,
  });
}

function exitStatusOf(findings: readonly PreflightFinding[]): number {
  if (findings.some(({ severity }) => severity === 'error')) return 1;
  return findings.some(({ severity }) => severity === 'warning') ? 3 : 0;
}

/** The answer for people: a summary, each finding, and what was not looked at. */
export function preflightText({ domain, findings, facts }: PreflightAnswer): string {
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severityWords[severity][count === 1 ? 0 : 1]}`];
  });
  const summary = counts.length === 0 ? 'no fault found' : counts.join(', ');
  return [
    `${domain}: ${summary}\n`,
    ...findings.map(findingText),
    ...soundLines(facts).map((line) => `ok       ${line}\n`),
    ...facts.not_answered.map(({ question, cause }) => `unknown  ${question} was not answered (${cause}).\n`),
    ...facts.not_checked.map(({ check, why }) => `skipped  ${check}: ${why}\n`),
  ]
    .map((lines) => lines.split('\n').map(printable).join('\n'))
    .join('');
}

/** What is right, in one line each. */
function soundLines({ spf, dkim, dmarc, ips }: PreflightFacts): string[] {
  return [
    '',
    ...spf.flatMap(({ domain, lookups, ips: tested }) => [
      ...(lookups === null ? [] : [`SPF of ${domain}: ${lookups} of 10 look-ups`]),
      ...tested.filter(({ result }) => result === 'pass').map(({ ip }) => `SPF passes for ${ip}`),
    ]),
    ...dkim
      .filter(({ state }) => state === 'valid')
      .map(({ name, key_type, bits }) => `DKIM key ${name}: ${key_type}${bits === null ? '' : ` ${bits}`}`),
    ...(dmarc.policy === null ? [] : [`DMARC record at ${dmarc.found_at}: policy ${dmarc.policy}`]),
    ...ips
      .filter(({ confirmed }) => confirmed)
      .map(({ ip, ptr }) => `${ip} is named ${ptr!.join(', ')}, which leads back to it`),
  ].filter((line) => line !== '');
}
