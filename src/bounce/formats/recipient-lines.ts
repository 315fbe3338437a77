// Reads the layout that most bounce formats share: a line that begins with the recipient, followed by the reason.

import { addressesIn } from '../address-text.ts';
import { type FoundRecipient, maximumRecipients } from './format.ts';

export interface RecipientLine {
  readonly address: string;
  /** The rest of the line after the address. A reason may begin there. */
  readonly rest: string;
}

const bullet = /^(?:>>> ?|-> ?|[*\-•=]+ |\d{1,3}[.)] ?)?["'<(]*$/;
const afterAddress =
  /^["'>)]*(?:<mailto:[^>]{0,320}>|\[mailto:[^\]]{0,320}\])?\s*(?:[:;,]|\.\.\.|-{1,2}(?= )|$|(?=[([<A-Z]|(?:on|am|le|el|il|em|op) [A-Z\d]|delivery |[45]\d\d ))\s*/;

/** Reads a line that begins with a recipient; null for any other line. */
export function recipientLine(line: string): RecipientLine | null {
  const trimmed = line.trim().slice(0, 1000);
  const [named, bracketed] = addressesIn(trimmed);
  if (named === undefined || !bullet.test(trimmed.slice(0, named.start))) return null;
  // In `jane@example.org <jane@example.net>` the first address is a display name, and the second is the recipient.
  const found = bracketed && /^ ?<$/.test(trimmed.slice(named.end, bracketed.start)) ? bracketed : named;
  const rest = afterAddress.exec(trimmed.slice(found.end));
  return rest && { address: found.address, rest: trimmed.slice(found.end + rest[0].length) };
}

/**
 * A block for each line that begins with a recipient: the rest of that line and the lines after it, up to the next recipient
 * or to a line that `isEnd` accepts.
 */
export function recipientBlocks(
  text: string,
  isEnd: (line: string) => boolean = () => false,
): { address: string; diagnostic: string }[] {
  const blocks: { address: string; lines: string[] }[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (isEnd(line)) {
      if (blocks.length > 0) break;
      continue;
    }
    const found = recipientLine(line);
    const last = blocks.at(-1);
    if (found === null) last?.lines.push(line.trim());
    else if (last?.address === found.address) last.lines.push(found.rest);
    else if (blocks.length < maximumRecipients) blocks.push({ address: found.address, lines: [found.rest] });
  }
  return blocks.map(({ address, lines }) => ({
    address,
    diagnostic: lines.filter((line) => line !== '').join('\n'),
  }));
}

/** One entry for each recipient. If several blocks are about one recipient, joins their texts. */
export function mergeRecipients(found: readonly FoundRecipient[]): FoundRecipient[] {
  const byAddress = new Map<string | null, FoundRecipient>();
  for (const one of found) {
    const before = byAddress.get(one.address);
    byAddress.set(
      one.address,
      before ? { ...before, diagnostic: `${before.diagnostic}\n${one.diagnostic}`.trim() } : one,
    );
  }
  return [...byAddress.values()];
}
