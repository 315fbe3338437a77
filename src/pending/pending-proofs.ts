// Verdicts whose mailbox proof follows: the caller has a verdict at once, the mailbox is asked about in the background, and the
// receiver is told the new verdict, once, whatever the mail host said.

import type { Mailbox } from '../address/mailbox.ts';
import type { KnownProof } from '../address/mailbox-proof.ts';
import { readMailbox } from '../address/nonstandard-names.ts';
import { dayMs, minuteMs } from '../durations.ts';
import { exchangesOf } from '../mailbox/mail-targets.ts';
import { mailboxPolicy } from '../mailbox/mailbox-policy.ts';
import type { ProbeFinding } from '../mailbox/probe-finding.ts';
import type { Prober } from '../mailbox/prober.ts';
import { type AddressHasher, suppressionKey } from '../suppression/address-hash.ts';
import type { MailQuestion } from '../suppression/scope.ts';
import type { ValidationRequest, Validator } from '../validator/validate.ts';
import { sandboxDomain } from '../verdict/sandbox.ts';
import type { Action, Reason, Result, Verdict } from '../verdict/verdict.ts';
import { type DeliveryAttempt, deliverDue } from '../webhooks/delivery.ts';
import type { LeasedPending, NewPending, PendingDelivery, PendingRepository } from './pending-repository.ts';
import { createSeal } from './seal.ts';

/** Who is told the new verdict: a URL, or a record of a CRM. */
export type PendingTarget =
  | { readonly kind: 'callback'; readonly url: string }
  | { readonly kind: 'crm'; readonly vendor: string; readonly record: string };

/** The parts of a verdict that the new one is compared with. */
export interface FirstVerdict {
  readonly result: Result;
  readonly reason: Reason;
  readonly action: Action;
}

export interface PendingRequest {
  readonly request: ValidationRequest;
  readonly question?: MailQuestion | undefined;
  readonly verdict: Verdict;
  readonly target: PendingTarget;
}

/** The new verdict, for the body of a message. */
export interface ProvenVerdict {
  readonly verdict: Verdict;
  readonly previous: FirstVerdict;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface PendingProofsPorts {
  readonly repository: PendingRepository;
  readonly hasher: AddressHasher;
  /** Null: nobody can be asked any longer. What is pending is then told without a proof. */
  readonly prober: Prober | null;
  readonly validator: Pick<Validator, 'validateBatch'>;
  readonly now: () => number;
  readonly newId: () => string;
  /** Milliseconds for which one call of `ask` asks mail hosts. */
  readonly turnMs: number;
  /** The message to the target; null if nobody needs to be told. */
  readonly messageOf: (target: PendingTarget, proven: ProvenVerdict) => string | null;
  /** Makes one attempt to deliver. `id` is the same at every attempt. Never rejects. */
  readonly deliver: (
    target: PendingTarget,
    message: { id: string; body: string },
  ) => Promise<DeliveryAttempt>;
  /** Milliseconds to wait after the first failed attempt, after the second, and so on. */
  readonly retryWaitsMs: readonly number[];
  /** Called when the background work has something to do. */
  readonly wake: () => void | Promise<void>;
  readonly onGivenUp: (message: { readonly id: string; readonly cause: string }) => void;
  /** Called if rows cannot be read, because ADDRESS_HASH_KEY has changed. Nobody is told about them. */
  readonly onUnreadable: (rows: number) => void;
  readonly onError: (error: unknown) => void;
}

export interface PendingProofs {
  /**
   * Keeps those requests of which the mail host is worth asking, each once, and returns for each whether its new verdict will come.
   * `caller` names who asked. Rejects only if storage fails.
   */
  add(caller: string, requests: readonly PendingRequest[]): Promise<boolean[]>;
  /** Asks about mailboxes that are due. Resolves to false if none is. `signal` ends it early. Rejects only if storage fails. */
  ask(signal?: AbortSignal): Promise<boolean>;
  /** Makes one delivery that is due. Resolves to false if none is. Rejects only if storage fails. */
  tell(): Promise<boolean>;
  /** Whether something is due at `at`. */
  hasDue(at: number): Promise<boolean>;
  endLeases(): Promise<void>;
  /** Deletes what could not be told for so long that no attempt follows. */
  deleteOld(): Promise<void>;
}

/** Rows of one caller that may be pending at the same time. */
export const maxPendingProofs = 10_000;

/** Milliseconds after which the receiver is told that nothing is proven: a host may have been asked enough for the day. */
export const longestPendingMs = dayMs;

/** Addresses that one call of `ask` asks about. */
const askedAtOnce = 100;
/** Sessions with slow mail hosts end some minutes after the turn. If one takes longer, another process may ask too. */
const askSlackMs = 5 * minuteMs;
/** The least time until the next question about an address. */
const leastAgainMs = 5000;
/** Milliseconds after which a verdict that DNS or storage left `unknown` is made again. */
const unknownAgainMs = minuteMs;
/** Milliseconds for which nothing is looked for after nothing was due. */
const lookEveryMs = 1000;

/**
 * The mailbox whose host is worth asking after this verdict, as for lists (see `addressesToAsk`): it may be mailed, nothing is known
 * about it, and its provider does not answer everybody alike. Else null.
 */
function mailboxToAsk(verdict: Verdict): Mailbox | null {
  const { email, result, domain, disposable, mailHost, mailbox } = verdict;
  if (mailbox !== undefined || disposable || domain === null || domain === sandboxDomain) return null;
  if (result !== 'deliverable' && result !== 'risky') return null;
  const parsed = readMailbox(email);
  const [best] = exchangesOf(domain, mailHost);
  return parsed.ok && best !== undefined && mailboxPolicy(best.host).probe !== 'no' ? parsed.mailbox : null;
}

interface SealedRequest {
  readonly request: ValidationRequest;
  readonly question: MailQuestion | null;
  readonly previous: FirstVerdict;
  readonly target: PendingTarget;
}

interface SealedMessage {
  readonly target: PendingTarget;
  readonly body: string;
}

interface OpenQuestion extends SealedRequest {
  readonly row: LeasedPending;
  readonly mailbox: Mailbox;
}

export function createPendingProofs(ports: PendingProofsPorts): PendingProofs {
  const { repository, hasher, prober, validator, now } = ports;
  const seal = createSeal(hasher);
  let nothingToAskAt = Number.NEGATIVE_INFINITY;
  let nothingToTellAt = Number.NEGATIVE_INFINITY;

  /** Opens sealed rows. Those that cannot be opened are deleted. */
  async function opened<T>(rows: readonly LeasedPending[]): Promise<{ row: LeasedPending; value: T }[]> {
    const found: { row: LeasedPending; value: T }[] = [];
    for (const row of rows) {
      const text = row.keyId === hasher.keyId ? await seal.open(row.id, row.sealed) : null;
      if (text === null) await repository.remove(row);
      else found.push({ row, value: JSON.parse(text) as T });
    }
    if (found.length < rows.length) ports.onUnreadable(rows.length - found.length);
    return found;
  }

  /** Judges the address again, with what the mail host said, and keeps the message to the receiver. */
  async function settle(question: OpenQuestion, { proof, checkedAt }: ProbeFinding): Promise<void> {
    const { row, request, mailbox, previous, target } = question;
    const known: KnownProof = { proof, basis: 'smtp', checkedAt };
    const { verdicts } = await validator.validateBatch([request], {
      proofs: new Map([[mailbox.address, known]]),
      ...(question.question !== null && { question: question.question }),
    });
    const verdict = verdicts[0]!;
    const at = now();
    // DNS or storage failed just now. What the mail host said is kept, so it is not asked again.
    if (verdict.result === 'unknown' && at + unknownAgainMs < row.createdAt + longestPendingMs)
      return repository.postponeQuestion(row, at + unknownAgainMs);
    const body = ports.messageOf(target, { verdict, previous, at });
    if (body === null) return repository.remove(row);
    const message: SealedMessage = { target, body };
    await repository.proven(row, await seal.close(row.id, JSON.stringify(message)), at);
    nothingToTellAt = Number.NEGATIVE_INFINITY;
    await ports.wake();
  }

  function take(question: OpenQuestion, finding: ProbeFinding): Promise<void> {
    const { row } = question;
    const { proof } = finding;
    // A host that is not asked now was not asked, although the prober may not know when it can be.
    const isResting = proof.kind === 'undetermined' && proof.cause === 'resting';
    const retryAt = finding.retryAt ?? (isResting ? now() + unknownAgainMs : null);
    if (retryAt === null || retryAt > row.createdAt + longestPendingMs) return settle(question, finding);
    return repository.postponeQuestion(row, Math.max(retryAt, now() + leastAgainMs));
  }

  async function askAbout(
    questions: readonly OpenQuestion[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const taken: Promise<void>[] = [];
    const open = new Set(questions);
    const byAddress = Map.groupBy(questions, ({ mailbox }) => mailbox.address);
    const onFinding = (address: string, finding: ProbeFinding) => {
      for (const question of byAddress.get(address) ?? []) {
        if (!open.delete(question)) continue;
        taken.push(take(question, finding).catch(ports.onError));
      }
    };
    const mailboxes = questions.map(({ mailbox }) => mailbox);
    if (prober === null)
      for (const { address } of mailboxes)
        onFinding(address, { proof: { kind: 'not_checked', cause: 'off' }, checkedAt: null, retryAt: null });
    else
      await prober
        .probe(mailboxes, {
          until: now() + ports.turnMs,
          forList: true,
          ...(signal && { signal }),
          onFinding,
        })
        .then((found) => {
          for (const [address, finding] of found) onFinding(address, finding);
        }, ports.onError);
    await Promise.all(taken);
    for (const { row } of open) await repository.postponeQuestion(row, now() + unknownAgainMs);
  }

  return {
    async add(caller, requests) {
      const mailboxes = requests.map(({ verdict }) => mailboxToAsk(verdict));
      const asked = requests.flatMap((one, index) => {
        const mailbox = mailboxes[index]!;
        return mailbox === null ? [] : [{ ...one, mailbox, index }];
      });
      const willCome = requests.map(() => false);
      if (asked.length === 0) return willCome;
      const sealedTexts = asked.map(({ request, question, verdict, target }) => {
        const { result, reason, action } = verdict;
        const sealed: SealedRequest = {
          ...{ request, question: question ?? null, target },
          previous: { result, reason, action },
        };
        return JSON.stringify(sealed);
      });
      const [hashes, identities] = await Promise.all([
        hasher.hashAll(asked.map(({ mailbox }) => suppressionKey(mailbox.address))),
        hasher.hashAll(
          asked.map(({ request, question, target }) =>
            JSON.stringify([caller, target, request, question ?? null]),
          ),
        ),
      ]);
      const rows = await Promise.all(
        sealedTexts.map(async (text, index): Promise<NewPending> => {
          const id = ports.newId();
          return {
            id,
            request: identities[index]!,
            addressHash: hashes[index]!,
            sealed: await seal.close(id, text),
          };
        }),
      );
      const by = { caller, keyId: hasher.keyId, most: maxPendingProofs, now: now() };
      const kept = await repository.add(rows, by);
      for (const [at, { index }] of asked.entries()) willCome[index] = kept.has(identities[at]!);
      nothingToAskAt = Number.NEGATIVE_INFINITY;
      if (kept.size > 0) await ports.wake();
      return willCome;
    },

    async ask(signal) {
      const at = now();
      if (signal?.aborted === true || at < nothingToAskAt + lookEveryMs) return false;
      const rows = await repository.claimQuestions(at, at + ports.turnMs + askSlackMs, askedAtOnce);
      if (rows.length === 0) {
        nothingToAskAt = at;
        return false;
      }
      const questions: OpenQuestion[] = [];
      for (const { row, value } of await opened<SealedRequest>(rows)) {
        const parsed = readMailbox(value.request.email);
        if (parsed.ok) questions.push({ ...value, row, mailbox: parsed.mailbox });
        else await repository.remove(row);
      }
      await askAbout(questions, signal);
      return true;
    },

    async tell() {
      const at = now();
      if (at < nothingToTellAt + lookEveryMs) return false;
      const isFound = await deliverDue<PendingDelivery>({
        ...{ now, retryWaitsMs: ports.retryWaitsMs },
        claim: repository.claimDelivery,
        async send(row) {
          const [message] = await opened<SealedMessage>([row]);
          // A message that cannot be read is deleted already.
          if (message === undefined) return { kind: 'delivered' };
          const { target, body } = message.value;
          return ports.deliver(target, { id: row.id, body });
        },
        postpone: repository.postponeDelivery,
        settle: repository.remove,
        onGivenUp: ({ id }, cause) => ports.onGivenUp({ id, cause }),
      });
      if (!isFound) nothingToTellAt = at;
      return isFound;
    },

    hasDue: (at) => repository.hasDue(at),
    async endLeases() {
      await repository.endLeases();
      nothingToAskAt = Number.NEGATIVE_INFINITY;
      nothingToTellAt = Number.NEGATIVE_INFINITY;
    },
    async deleteOld() {
      const tellingMs = ports.retryWaitsMs.reduce((sum, wait) => sum + wait, 0);
      await repository.deleteBefore(now() - longestPendingMs - tellingMs - dayMs);
    },
  };
}
