// Prints a finding of a preflight.

import type { PreflightFinding, PublishedRecord } from '../preflight/finding.ts';
import type { MessageChange, MessageFinding } from '../preflight/message/message-finding.ts';

export const severityWords = {
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  info: ['note', 'notes'],
} as const;

export function findingText({
  severity,
  code,
  seen,
  meaning,
  causes,
  publish,
}: PreflightFinding | MessageFinding): string {
  const indent = '\n         ';
  const lines = [
    `${severityWords[severity][0].padEnd(7)}  ${code}`,
    seen,
    meaning,
    ...(causes.length > 0 ? [`Bounces: ${causes.join(', ')}`] : []),
    ...(publish ? [changeLine(publish)] : []),
  ];
  return `\n${lines.join(indent)}\n`;
}

/** A record to publish, or what to change in the message: a header as it is written, else the place and what to do. */
const changeLine = ({ name, type, value }: PublishedRecord | MessageChange): string =>
  type === 'header'
    ? `Header: ${name}: ${value}`
    : ['body', 'link', 'attachment', 'signature'].includes(type)
      ? `Change: ${value}`
      : `Publish: ${name}  ${type}  ${value}`;
