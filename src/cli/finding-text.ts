// Prints the finding of a preflight.

import type { PreflightFinding } from '../preflight/finding.ts';

export const severityWords = {
  error: ['error', 'errors'],
  warning: ['warning', 'warnings'],
  info: ['note', 'notes'],
} as const;

export function findingText({ severity, code, seen, meaning, causes, publish }: PreflightFinding): string {
  const indent = '\n         ';
  const lines = [
    `${severityWords[severity][0].padEnd(7)}  ${code}`,
    seen,
    meaning,
    ...(causes.length > 0 ? [`Bounces: ${causes.join(', ')}`] : []),
    ...(publish ? [`Publish: ${publish.name}  ${publish.type}  ${publish.value}`] : []),
  ];
  return `\n${lines.join(indent)}\n`;
}
