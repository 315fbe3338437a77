// The checks of DKIM signatures and of alignment: whether a receiver's DMARC check passes, as far as the message shows.

import { counted } from '../../number-text.ts';
import type { AskRecords } from '../authentication.ts';
import { type DmarcFacts, gatherDmarc, judgeDmarc } from '../dmarc.ts';
import { inWords, type SenderFault } from '../finding.ts';
import type { PreflightQuestions } from '../questions.ts';
import { recordTags } from '../tags.ts';
import { someOf } from './message-finding.ts';
import { type HeaderField, isHeaderCut, type MessageStructure, messageLimits } from './mime.ts';
import type { VerifiedSignature, VerifySignatures } from './signature-check.ts';
import type { SignatureFaultCode } from './signature-faults.ts';

export interface SignatureFacts {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: string;
  /** `not_checked`: this runtime has no library, or there are too many signatures or lines. */
  readonly state: VerifiedSignature['state'] | 'not_checked';
  /** The headers that it covers, in lower case. */
  readonly signed_headers: readonly string[];
  /** Whether its domain is aligned with From. Null: unknown, or no DMARC record applies. */
  readonly aligned: boolean | null;
}

export interface AlignmentFacts {
  readonly from: string | null;
  readonly bounce_domain: string | null;
  readonly spf_aligned: boolean | null;
  readonly dkim_aligned: boolean | null;
  readonly dmarc: DmarcFacts | null;
}

/** How many signatures are verified. Each costs DNS queries and a pass over the body. */
const maxSignatures = 5;
/** Maximum length of a signature that is verified. Its list of headers costs time for each header of the message. */
const maxSignature = 8192;
/**
 * Maximum number of lines of a message whose signatures are verified, because the library takes as long for a short line as for a
 * long one.
 */
const maxLines = 200_000;
/**
 * Maximum number of header lines of such a message, because the library takes time proportional to their square. Real headers
 * have some hundred lines. A `guess`.
 */
const maxHeaderLines = 5000;
/** How many headers that a signature covers are kept as facts. */
const maxSigned = 100;

/** A signature with the tags that the checks need. */
export interface ReadSignature extends SignatureFacts {
  readonly hasLength: boolean;
}

export async function gatherSignatures(
  raw: Uint8Array,
  structure: MessageStructure,
  verify: VerifySignatures | null,
  ask: AskRecords,
  now: Date,
): Promise<readonly ReadSignature[]> {
  const fields = structure.headers.filter(({ name }) => name === 'dkim-signature');
  const isWhole =
    !isHeaderCut(structure) &&
    structure.crlf + structure.bareLf <= maxLines &&
    linesIn(raw.subarray(0, structure.bodyFrom)) <= maxHeaderLines;
  const verified = isWhole
    ? fields.filter(({ value }) => value.length <= maxSignature).slice(0, maxSignatures)
    : [];
  const results =
    verify === null || verified.length === 0
      ? []
      : await verify(messageWith(raw, structure, new Set(verified)), ask, now).catch(() => []);
  return fields.slice(0, messageLimits.depth).map((field) => {
    const tags = recordTags(field.value.slice(0, maxSignature));
    const result = results[verified.indexOf(field)];
    const text = (tag: string): string => (tags.get(tag) ?? '').replace(/[\s\p{Cc}]/gu, '');
    return {
      domain: text('d').toLowerCase().slice(0, 253),
      selector: text('s').slice(0, 253),
      algorithm: text('a').toLowerCase().slice(0, 40),
      state: result?.state ?? 'not_checked',
      signed_headers: text('h').toLowerCase().split(':').filter(Boolean).slice(0, maxSigned),
      aligned: null,
      hasLength: tags.has('l'),
    };
  });
}

function linesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

/**
 * The message as the library gets it: with CR LF, without the signatures that are not to be verified, and without ARC headers,
 * which say nothing about the sender.
 */
function messageWith(
  raw: Uint8Array,
  { headers, bodyFrom }: MessageStructure,
  kept: ReadonlySet<HeaderField>,
): Uint8Array {
  const dropped = headers.filter(
    (field) => field.name.startsWith('arc-') || (field.name === 'dkim-signature' && !kept.has(field)),
  );
  const out = new Uint8Array(raw.length * 2);
  let length = 0;
  let last = -1;
  const copy = (from: number, to: number): void => {
    for (let at = from; at < to; at++) {
      const byte = raw[at]!;
      if (byte === 0x0a && last !== 0x0d) out[length++] = 0x0d;
      out[length++] = byte;
      last = byte;
    }
  };
  let at = 0;
  for (const { from, to } of dropped) {
    if (to > bodyFrom) continue;
    copy(at, from);
    at = to;
  }
  copy(at, raw.length);
  return out.subarray(0, length);
}

/** Whether a signature is valid for its domain, or may be valid because it could not be verified. */
const mayPass = ({ state }: ReadSignature): boolean =>
  state === 'valid' || state === 'not_answered' || state === 'not_checked';

export interface GatheredAlignment {
  readonly facts: AlignmentFacts;
  readonly signatures: readonly ReadSignature[];
}

/** Finds the DMARC record of From, and compares its domain with the others. */
export async function gatherAlignment(
  from: string | null,
  bounceDomain: string | null,
  signatures: readonly ReadSignature[],
  questions: PreflightQuestions,
): Promise<GatheredAlignment> {
  if (from === null)
    return {
      facts: { from, bounce_domain: bounceDomain, spf_aligned: null, dkim_aligned: null, dmarc: null },
      signatures,
    };
  const signers = [...new Set(signatures.slice(0, maxSignatures).map(({ domain }) => domain))];
  const answers = await gatherDmarc(
    from,
    { bounceDomain, signers: Promise.resolve(signers), exists: Promise.resolve(true) },
    questions,
  );
  const alignedOf = (domain: string): boolean | null =>
    signers.includes(domain) ? judgeDmarc({ ...answers, signers: [domain] }).facts.dkim_aligned : null;
  const compared = signatures.map((signature) => ({ ...signature, aligned: alignedOf(signature.domain) }));
  const passing = compared.filter(mayPass).map(({ aligned }) => aligned);
  const { facts } = judgeDmarc({ ...answers, signers: signers.length === 0 ? null : signers });
  const isKnown = facts.record !== null;
  const dkim = !isKnown ? null : passing.includes(true) ? true : passing.includes(null) ? null : false;
  return {
    facts: {
      from,
      bounce_domain: bounceDomain,
      spf_aligned: bounceDomain === null ? null : facts.spf_aligned,
      dkim_aligned: signatures.length === 0 ? null : dkim,
      dmarc: { ...facts, spf_aligned: bounceDomain === null ? null : facts.spf_aligned, dkim_aligned: dkim },
    },
    signatures: compared,
  };
}

/** Whether a signature that may pass covers the headers. Null if no signature could be verified. */
export function coversHeaders(
  signatures: readonly ReadSignature[],
  names: readonly string[],
): boolean | null {
  const covering = signatures.filter(
    (signature) => mayPass(signature) && names.every((name) => signature.signed_headers.includes(name)),
  );
  if (covering.some(({ state }) => state === 'valid')) return true;
  return covering.length > 0 || signatures.length === 0 ? null : false;
}

/** Headers that readers see and that should be signed (RFC 6376 section 5.4.1). */
const signedByAll = ['subject', 'date', 'to'];

const codeOfState: Partial<Record<ReadSignature['state'], readonly [SignatureFaultCode, string]>> = {
  body_changed: [
    'signature_body_changed',
    'The hash of the body differs from the hash in the signature ("bh=").',
  ],
  invalid: ['signature_invalid', 'The value in "b=" does not match the signed headers and the key.'],
  expired: ['signature_expired', 'The time in "x=" has passed.'],
  key_missing: ['signature_key_missing', 'No usable key for the signature is in DNS.'],
  malformed: ['signature_malformed', 'The DKIM-Signature header cannot be read.'],
  from_not_signed: ['signature_from_not_signed', 'The signed headers ("h=") do not include From.'],
};

export function judgeSignatures(
  signatures: readonly ReadSignature[],
  headers: readonly HeaderField[],
): readonly SenderFault<SignatureFaultCode>[] {
  const faults: SenderFault<SignatureFaultCode>[] = [];
  if (signatures.length === 0) {
    const isSent = headers.some(({ name }) => name === 'received');
    return [
      isSent
        ? { code: 'message_unsigned', about: 'DKIM-Signature', seen: 'The message has no DKIM-Signature.' }
        : {
            code: 'message_not_sent',
            about: 'DKIM-Signature',
            seen: 'The message has neither a DKIM-Signature nor a Received header.',
          },
    ];
  }
  if (signatures.length > maxSignatures)
    faults.push({
      code: 'signatures_many',
      about: 'DKIM-Signature',
      seen: `The message has more than ${counted(maxSignatures, 'signature')}. The first ${maxSignatures} were verified.`,
    });
  // A signature that fails does no harm if another one passes, because the receiver uses that one.
  const hasAligned = signatures.some(({ state, aligned }) => state === 'valid' && aligned !== false);
  for (const { domain, selector, algorithm, state, signed_headers, hasLength } of signatures.slice(
    0,
    maxSignatures,
  )) {
    const about = `DKIM-Signature d=${domain} s=${selector}`;
    const add = (code: SignatureFaultCode, seen: string, parts: readonly string[] = []) =>
      faults.push({ code, about, seen: `The signature by ${domain || 'an unnamed domain'}: ${seen}`, parts });
    if (algorithm.endsWith('-sha1')) {
      if (!hasAligned) add('signature_sha1', `its algorithm is ${algorithm}.`);
      continue;
    }
    const [code, seen] = codeOfState[state] ?? [];
    if (code !== undefined) {
      if (!hasAligned) add(code, lowered(seen!));
      continue;
    }
    if (hasLength)
      add(
        'signature_length_tag',
        'it has the tag "l=", so anyone can add text below the signed part of the body.',
      );
    const missing = signedByAll.filter(
      (name) => !signed_headers.includes(name) && headers.some((field) => field.name === name),
    );
    if (missing.length > 0)
      add(
        'signature_headers_not_signed',
        `the signed headers ("h=") do not include ${inWords(missing)}.`,
        missing,
      );
  }
  return faults;
}

const lowered = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

export function judgeAlignment(
  { from, bounce_domain, spf_aligned, dkim_aligned, dmarc }: AlignmentFacts,
  signatures: readonly ReadSignature[],
  isNothingAnswered: boolean,
): readonly SenderFault<SignatureFaultCode>[] {
  if (from === null || dmarc === null || isNothingAnswered) return [];
  const fault = (code: SignatureFaultCode, seen: string): readonly SenderFault<SignatureFaultCode>[] => [
    { code, about: from, seen: `The domain in From is ${from}. ${seen}` },
  ];
  // If the organizational domain is unknown, some DNS questions had no answer. The record may be at one of their names.
  if (dmarc.record === null)
    return dmarc.organizational_domain === null
      ? []
      : fault('message_no_dmarc', 'This domain has no DMARC record.');
  const signers = [...new Set(signatures.map(({ domain }) => domain))];
  const signed = `Mail is signed by ${someOf(signers)}`;
  const bounce = `The bounce domain is ${bounce_domain}`;
  if (spf_aligned === false && dkim_aligned === false)
    return fault('message_nothing_aligned', `${bounce}. ${signed}.`);
  if (dkim_aligned === false)
    return fault(
      'message_dkim_not_aligned',
      `${signed}${signers.includes(from) ? ', and that signature is not valid' : ''}.`,
    );
  if (spf_aligned === false) return fault('message_spf_not_aligned', `${bounce}.`);
  return [];
}
