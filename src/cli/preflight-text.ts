// How `presend preflight` prints its answers for people.

import type { MessageAnswer, MessageFacts } from '../preflight/message/message-preflight.ts';
import type { PreflightAnswer, PreflightFacts } from '../preflight/preflight.ts';
import { findingText, severityWords } from './finding-text.ts';
import { printable } from './terminal.ts';

/** The answer as text: a summary, each finding, what is right, and what was not checked. */
const answerText = (
  about: string,
  {
    findings,
    facts,
  }:
    | (Pick<PreflightAnswer, 'findings'> & { facts: NotSeen })
    | (Pick<MessageAnswer, 'findings'> & { facts: NotSeen }),
  sound: readonly string[],
): string => {
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severityWords[severity][count === 1 ? 0 : 1]}`];
  });
  const summary = counts.length === 0 ? 'no fault found' : counts.join(', ');
  return [
    `${about}: ${summary}\n`,
    ...findings.map(findingText),
    ...sound.map((line) => `ok       ${line}\n`),
    ...facts.not_answered.map(({ question, cause }) => `unknown  ${question} was not answered (${cause}).\n`),
    ...facts.not_checked.map(({ check, why }) => `skipped  ${check}: ${why}\n`),
  ]
    .map((lines) => lines.split('\n').map(printable).join('\n'))
    .join('');
};

type NotSeen = Pick<PreflightFacts, 'not_answered' | 'not_checked'>;

export const preflightText = (answer: PreflightAnswer): string =>
  answerText(answer.domain, answer, soundLines(answer.facts));

export const messageText = (answer: MessageAnswer): string =>
  answerText(
    answer.domain === null ? 'the message' : `message from ${answer.domain}`,
    answer,
    soundMessageLines(answer.facts),
  );

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
      .map(
        ({ ip, ptr }) => `${ip} has the PTR record ${ptr!.join(', ')}, which resolves back to this address`,
      ),
  ].filter((line) => line !== '');
}

function soundMessageLines({
  signatures,
  unsubscribe,
  dkim_aligned,
  spf_aligned,
  from,
  bytes,
}: MessageFacts): string[] {
  return [
    '',
    ...signatures
      .filter(({ state }) => state === 'valid')
      .map(({ domain }) => `DKIM signature by ${domain} is valid`),
    ...(dkim_aligned ? [`DKIM is aligned with ${from}`] : []),
    ...(spf_aligned ? [`the bounce domain is aligned with ${from}`] : []),
    ...(unsubscribe.one_click ? ['readers can unsubscribe with one click'] : []),
    `${Math.ceil(bytes.message / 1024)} KB`,
  ].filter((line) => line !== '');
}
