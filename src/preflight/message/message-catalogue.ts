// The catalogue of all findings about a message, by their codes.

import type { FindingSeverity, SenderFault } from '../finding.ts';
import { contentFaultKinds } from './content-faults.ts';
import { headerFaultKinds } from './header-faults.ts';
import { type MessageFaultKind, type MessageFinding, shortened } from './message-finding.ts';
import { signatureFaultKinds } from './signature-faults.ts';

export const messageCatalogue = {
  ...signatureFaultKinds,
  ...headerFaultKinds,
  ...contentFaultKinds,
} as const satisfies Readonly<Record<string, MessageFaultKind>>;

export type MessageFindingCode = keyof typeof messageCatalogue;

const severities: readonly FindingSeverity[] = ['error', 'warning', 'info'];

/** The findings about `faults`, the most severe first. What they quote of the message has no control characters. */
export const messageFindingsOf = (faults: readonly SenderFault<MessageFindingCode>[]): MessageFinding[] =>
  faults
    .map((fault): MessageFinding => {
      const { severity, meaning, causes, type, change }: MessageFaultKind = messageCatalogue[fault.code];
      const value = typeof change === 'string' ? change : change(fault);
      return {
        code: fault.code,
        severity,
        seen: shortened(fault.seen, 1000),
        meaning,
        causes,
        publish: { name: shortened(fault.about, 260), type, value: shortened(value, 4096) },
      };
    })
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
