// The message preflight: reads a message as it is sent, and finds what makes receivers reject or filter it.

import type { Timers } from '../../clock.ts';
import type { Resolver } from '../../dns/resolver.ts';
import type { AskRecords } from '../authentication.ts';
import { defaultDeadlineMs, withDeadline } from '../deadline.ts';
import type { SkippedCheck, UnansweredQuestion } from '../finding.ts';
import { createPreflightQuestions } from '../questions.ts';
import {
  type AttachmentFacts,
  judgeAttachments,
  judgeContent,
  type SizeFacts,
  type TextPart,
} from './content.ts';
import { decodeText } from './decode.ts';
import { domainOfAddress, headerAddresses, judgeForm, judgeFrom, judgeHeaders } from './headers.ts';
import { linksInText, readHtml } from './html-content.ts';
import { judgeLinks, type LinkFacts } from './links.ts';
import { messageFindingsOf } from './message-catalogue.ts';
import type { MessageFinding, MessagePreflightRequest } from './message-finding.ts';
import { shortened } from './message-finding.ts';
import { headerValue, isHeaderCut, type MessageStructure, readStructure } from './mime.ts';
import type { VerifySignatures } from './signature-check.ts';
import {
  type AlignmentFacts,
  coversHeaders,
  gatherAlignment,
  gatherSignatures,
  judgeAlignment,
  judgeSignatures,
  type SignatureFacts,
} from './signatures.ts';
import { judgeUnsubscribe, type UnsubscribeFacts } from './unsubscribe.ts';

export interface MessageFacts extends AlignmentFacts {
  readonly signatures: readonly SignatureFacts[];
  readonly unsubscribe: UnsubscribeFacts;
  readonly bytes: SizeFacts;
  /** Bytes of the longest line, and how most lines end. */
  readonly longest_line: number;
  readonly line_end: 'crlf' | 'lf';
  readonly has_text: boolean;
  readonly has_html: boolean;
  readonly attachments: readonly AttachmentFacts[];
  readonly links: LinkFacts;
  readonly images: number;
  /** The value of Precedence and of Auto-Submitted, such as `bulk` and `auto-generated`. */
  readonly precedence: string | null;
  readonly auto_submitted: string | null;
  readonly not_answered: readonly UnansweredQuestion[];
  readonly not_checked: readonly SkippedCheck[];
  readonly queries: number;
}

export interface MessageAnswer {
  /** The domain in From; null if there is none, or several. */
  readonly domain: string | null;
  /** RFC 3339, UTC. */
  readonly checked_at: string;
  readonly findings: readonly MessageFinding[];
  readonly facts: MessageFacts;
}

export interface MessagePreflightPorts {
  readonly resolver: Resolver;
  readonly timers: Timers;
  /** Loads the library that verifies signatures; null if this runtime has none. */
  readonly loadVerifier: (() => Promise<VerifySignatures>) | null;
  /** Milliseconds after which open questions count as not answered; 8,000 by default. */
  readonly deadlineMs?: number;
}

export interface MessagePreflight {
  /** Never rejects because of the message, whatever it contains. */
  check(request: MessagePreflightRequest): Promise<MessageAnswer>;
}

export function createMessagePreflight(ports: MessagePreflightPorts): MessagePreflight {
  const { resolver, timers, loadVerifier, deadlineMs = defaultDeadlineMs } = ports;
  return {
    async check(request) {
      const started = timers.now();
      return withDeadline(timers, deadlineMs, async (signal) => {
        const verify = loadVerifier && (await loadVerifier());
        return checkMessage(request, createPreflightQuestions(resolver, signal), verify, started);
      });
    },
  };
}

async function checkMessage(
  { raw: given, bounceDomain, purpose }: MessagePreflightRequest,
  questions: ReturnType<typeof createPreflightQuestions>,
  verify: VerifySignatures | null,
  now: number,
): Promise<MessageAnswer> {
  const raw = withoutEnvelopeLine(given);
  const structure = readStructure(raw);
  const { headers } = structure;
  const from = judgeFrom(headers);
  const bounce = bounceDomain ?? returnPathDomain(structure);
  // A missing key is a finding, so a second resolver must confirm it. The library asks only for keys.
  const askForKey: AskRecords = (name, type) => questions.confirm(name, type, ({ kind }) => kind === 'texts');
  const read = await gatherSignatures(raw, structure, verify, askForKey, new Date(now));
  const { facts: alignment, signatures } = await gatherAlignment(from.domain, bounce, read, questions);
  const { queries, unanswered } = { queries: questions.sent(), unanswered: questions.unanswered() };

  const texts = textParts(raw, structure);
  const plain = texts.find(({ part }) => part.type === 'text/plain') ?? null;
  const htmlPart = texts.find(({ part }) => part.type === 'text/html') ?? null;
  const html = htmlPart && { ...htmlPart, content: readHtml(htmlPart.decoded.text) };
  const unsubscribe = judgeUnsubscribe(
    headers,
    coversHeaders(signatures, ['list-unsubscribe', 'list-unsubscribe-post']),
  );
  const links = judgeLinks(
    html?.content.links ?? linksInText(plain?.decoded.text ?? ''),
    html?.content.images ?? [],
    from.domain,
  );
  const attachments = judgeAttachments(raw, structure, purpose);
  const content = judgeContent(raw, plain, html);
  return {
    domain: from.domain,
    checked_at: new Date(now).toISOString(),
    findings: messageFindingsOf([
      // If a part of the header was not read, no header can be reported as missing.
      ...(isHeaderCut(structure)
        ? []
        : [
            ...from.faults,
            ...judgeAlignment(alignment, signatures, queries > 0 && unanswered.length === queries),
            ...judgeSignatures(signatures, headers),
            ...(purpose === 'marketing' ? unsubscribe.faults : []),
          ]),
      ...judgeHeaders(structure, now),
      ...judgeForm(structure, texts),
      ...content.faults,
      ...attachments.faults,
      ...links.faults,
    ]),
    facts: {
      ...alignment,
      signatures: signatures.map(({ hasLength: _, ...facts }) => facts),
      unsubscribe: unsubscribe.facts,
      bytes: content.facts,
      longest_line: structure.longestLine,
      line_end: structure.crlf >= structure.bareLf ? 'crlf' : 'lf',
      has_text: plain !== null,
      has_html: html !== null,
      attachments: attachments.facts,
      links: links.facts,
      images: html?.content.imageCount ?? 0,
      precedence: shortHeader(structure, 'precedence'),
      auto_submitted: shortHeader(structure, 'auto-submitted'),
      not_answered: unanswered,
      not_checked: skippedChecks(bounce, verify, html?.content.isCut ?? false),
      queries,
    },
  };
}

/**
 * Removes what programs write before the header when they save a message: an envelope line of mbox, a byte order mark, or empty
 * lines.
 */
function withoutEnvelopeLine(raw: Uint8Array): Uint8Array {
  let from = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? 3 : 0;
  while (raw[from] === 0x0a || raw[from] === 0x0d) from++;
  const isMbox = [0x46, 0x72, 0x6f, 0x6d, 0x20].every((byte, index) => raw[from + index] === byte);
  if (isMbox) {
    const end = raw.indexOf(0x0a, from);
    from = end === -1 ? raw.length : end + 1;
  }
  return raw.subarray(from);
}

/** The domain of the last Return-Path header; null if there is none, or if it is empty, as in bounces. */
function returnPathDomain({ headers }: MessageStructure): string | null {
  const value = headers.findLast(({ name }) => name === 'return-path')?.value ?? '';
  const [address] = headerAddresses(value);
  return address === undefined ? null : domainOfAddress(address);
}

/** How many text parts are decoded. A message usually has two; attached texts do not count. */
const maxTexts = 8;

const textParts = (raw: Uint8Array, { parts }: MessageStructure): TextPart[] =>
  parts
    .filter(
      ({ type, disposition }) => /^text\/(?:plain|html)$/.test(type) && disposition.type !== 'attachment',
    )
    .slice(0, maxTexts)
    .map((part) => ({ part, decoded: decodeText(raw, part) }));

const shortHeader = ({ headers }: MessageStructure, name: string): string | null => {
  const value = headerValue(headers, name);
  return value === null ? null : shortened(value, 100);
};

function skippedChecks(
  bounce: string | null,
  verify: VerifySignatures | null,
  isCut: boolean,
): SkippedCheck[] {
  return [
    ...(bounce === null
      ? [{ check: 'spf_alignment', why: 'The message has no Return-Path, and no bounce domain was given.' }]
      : []),
    ...(verify === null
      ? [{ check: 'signatures', why: 'presend has no library to verify signatures in this runtime.' }]
      : []),
    ...(isCut ? [{ check: 'links', why: 'The message has more links than presend reads.' }] : []),
  ];
}
