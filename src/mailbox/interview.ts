// Asks a mail host about several recipients in one session. Also asks control questions: without these, neither an accepted nor a
// refused address proves anything.

import type { Mailbox } from '../address/mailbox.ts';
import type { RefusedCause } from '../address/mailbox-proof.ts';
import { makeUpName } from './made-up-name.ts';
import { type RecipientFinding, readEnd, readRecipientAnswer } from './read-answer.ts';
import { mayBeUser, OpenRefusals, type RefusedRecipient, refusesRecipient } from './refusals.ts';
import type { SmtpSession } from './smtp-session.ts';
import type { DomainFinding, Visit, VisitPlan } from './visit.ts';

export class Interview {
  readonly #session: SmtpSession;
  readonly #host: string;
  readonly #plan: VisitPlan;
  readonly #random: () => number;
  readonly #findings = new Map<string, RecipientFinding>();
  readonly #domains = new Map<string, DomainFinding>();
  readonly #refusals: OpenRefusals;
  /** How long to wait, by domain, before its control question is asked again. */
  readonly #retryMs = new Map<string, number | null>();
  /** The last accepted recipient of each domain. */
  readonly #accepted = new Map<string, Mailbox>();
  /** A recipient that was refused for a policy. The reply about the next one tells whether the policy is about it or about us. */
  #barred: Mailbox | null = null;
  #asked = 0;
  #answered = 0;
  #unknown = 0;
  #refused: RefusedCause | null = null;
  #ended: RecipientFinding | null = null;
  #isOver = false;
  /** The addresses and domains about which `keep` has not been told the latest, and the RCPT commands of which it was told. */
  readonly #news = new Set<string>();
  #keptAsked = 0;

  constructor(session: SmtpSession, host: string, plan: VisitPlan, random: () => number) {
    this.#session = session;
    this.#host = host;
    this.#plan = plan;
    this.#random = random;
    this.#refusals = new OpenRefusals(plan.refusals ?? []);
  }

  async hold(): Promise<Visit> {
    for (const domain of this.#plan.controls ?? []) if (this.#left > 0) await this.#askMadeUp(domain);
    for (const mailbox of this.#plan.mailboxes) {
      if (this.#isOver || this.#left < this.#needed(mailbox)) break;
      await this.#ask(mailbox);
    }
    await this.#settleBarred();
    await this.#confirm();
    await this.#keep(null);
    const inStep = await this.#session.close();
    if (!inStep) {
      for (const { mailbox } of this.#refusals.all)
        if (this.#plan.mailboxes.includes(mailbox)) this.#find(mailbox.address, outOfStep);
      for (const address of this.#findings.keys()) this.#find(address, outOfStep);
      this.#domains.clear();
    }
    return {
      findings: this.#findings,
      refusals: this.#refusals.all
        .filter(({ mailbox }) => !this.#findings.has(mailbox.address))
        .map((refusal) => ({ ...refusal, retryMs: this.#retryMs.get(refusal.mailbox.domain) ?? null })),
      domains: this.#domains,
      asked: this.#asked,
      answered: this.#answered,
      unknown: this.#unknown,
      refused: this.#refused,
      ended: this.#ended,
    };
  }

  get #left(): number {
    return this.#plan.budget - this.#asked;
  }

  /** Maximum number of RCPT commands for a question about a recipient, including the control questions that may follow. */
  #needed({ domain }: Mailbox): number {
    const { policy } = this.#plan;
    const isOpen = policy.probe === 'yes' && this.#domainOf(domain) === null;
    const owed = new Set([domain, ...this.#refusals.domains]).size;
    return 1 + (isOpen ? 1 : 0) + (policy.unknown === 'control' ? owed : 0);
  }

  #find(address: string, finding: RecipientFinding): void {
    this.#findings.set(address, finding);
    this.#news.add(address);
  }

  async #keep(next: string | null): Promise<void> {
    const { keep } = this.#plan;
    if (keep === undefined || (next === null && this.#news.size === 0 && this.#asked === this.#keptAsked))
      return;
    const isNew = (name: string) => this.#news.has(name);
    const findings = new Map([...this.#findings].filter(([address]) => isNew(address)));
    const refusals = this.#refusals.all.filter(
      ({ mailbox: { address } }) => isNew(address) && !findings.has(address),
    );
    const domains = new Map([...this.#domains].filter(([domain]) => isNew(domain)));
    this.#news.clear();
    this.#keptAsked = this.#asked;
    await keep({ findings, refusals, domains, asked: this.#asked, next });
  }

  #domainOf(domain: string): DomainFinding | null {
    return this.#domains.get(domain) ?? this.#plan.domains.get(domain) ?? null;
  }

  async #ask(mailbox: Mailbox): Promise<void> {
    const { address, domain } = mailbox;
    // The domain accepts every name, so also this one.
    if (this.#domainOf(domain)?.kind === 'catch_all') {
      this.#find(address, { kind: 'accepted' });
      return;
    }
    if (mailbox.smtputf8 && !this.#session.allowsUtf8) {
      this.#find(address, { kind: 'undetermined', cause: 'smtputf8' });
      return;
    }
    const finding = await this.#question(mailbox, true);
    if (finding === null) return;
    if (finding.kind === 'refused_us') {
      this.#barred = mailbox;
      return;
    }
    if (finding.kind !== 'later') this.#answered++;
    if (refusesRecipient(finding)) this.#unknown++;
    const position = this.#asked;
    if (refusesRecipient(finding) || mayBeUser(finding)) {
      this.#refusals.add({ mailbox, finding, position });
      this.#news.add(address);
      if (this.#plan.policy.unknown === 'direct') this.#find(address, finding);
      return;
    }
    this.#find(address, finding);
    if (finding.kind !== 'accepted') return;
    await this.#askMadeUp(domain);
    const found = this.#domainOf(domain)?.kind;
    // The domain accepts even a made-up name, so its earlier refusals prove nothing.
    if (found === 'catch_all')
      for (const refusal of this.#refusals.takeAll(domain)) this.#find(refusal.mailbox.address, ambiguous);
    else this.#accepted.set(domain, mailbox);
    // A yes of a domain that may be a catch-all does not confirm a no, and neither does the yes of another domain: a host may refuse
    // everybody at one of its domains.
    if (found === 'selective') this.#confirmed(domain, position);
  }

  /**
   * The host serves the domain, and means what it says of its recipients: it accepted somebody after `asked` commands. Exim says
   * "Unrouteable address" of an unknown user and of a domain that it does not serve, so only this tells the two apart.
   */
  #confirmed(domain: string, asked: number): void {
    for (const { mailbox, finding } of this.#refusals.confirmedBy(domain, asked)) {
      if (mayBeUser(finding)) this.#unknown++;
      this.#find(mailbox.address, mayBeUser(finding) ? { kind: 'unknown_user' } : finding);
    }
  }

  /**
   * Asks about one recipient. Null if nothing was said about it: the session ended, or the host takes no more recipients. A host
   * that has taken all recipients of a transaction may take more in a new one. `refused_us`, for a recipient of the plan only, if it
   * is not known yet whether the host refuses the recipient or us.
   */
  async #question(mailbox: Pick<Mailbox, 'address'>, ofPlan = false): Promise<RecipientFinding | null> {
    const finding = await this.#send(mailbox, ofPlan);
    if (finding?.kind !== 'too_many') return finding;
    if (this.#left < 1 || !(await this.#session.startAgain())) {
      this.#stop();
      return null;
    }
    const again = await this.#send(mailbox, ofPlan);
    if (again?.kind !== 'too_many') return again;
    this.#isOver = true;
    return null;
  }

  async #send(mailbox: Pick<Mailbox, 'address'>, ofPlan: boolean): Promise<RecipientFinding | null> {
    await this.#keep(ofPlan ? mailbox.address : null);
    this.#asked++;
    const answer = await this.#session.ask(mailbox);
    if (answer === null) {
      this.#stop();
      return null;
    }
    const finding = readRecipientAnswer(answer, mailbox.address, this.#host);
    if (finding.kind !== 'refused_us') {
      if (this.#barred !== null && finding.kind !== 'later' && finding.kind !== 'too_many') {
        this.#find(this.#barred.address, ambiguous);
        this.#barred = null;
      }
      return finding;
    }
    // A group that only some may write to is refused with the same status as everybody is by a host that does not want us.
    const isDoubtful = ofPlan && finding.cause === 'policy_refused' && answer.code >= 500;
    if (isDoubtful && this.#barred === null && this.#left > 0) return finding;
    this.#isOver = true;
    this.#refused = finding.cause;
    this.#ended = finding;
    return null;
  }

  /** Finds out by the postmaster what a refusal for a policy was about, if no recipient was asked about after it. */
  async #settleBarred(): Promise<void> {
    if (this.#barred === null || this.#isOver || this.#left < 1) return;
    const finding = await this.#question({ address: `postmaster@${this.#barred.domain}` });
    if (this.#barred !== null && finding !== null) this.#find(this.#barred.address, finding);
  }

  /** Notes why the session ended. */
  #stop(): void {
    this.#isOver = true;
    const { end } = this.#session;
    if (end === null) return;
    const ended = readEnd(end, this.#host);
    this.#ended = ended;
    if (ended.kind === 'refused_us') this.#refused = ended.cause;
  }

  /**
   * Finds out whether the domain accepts mail for any name: asks about a made-up name, and about a second one if the answer about
   * the first is ambiguous. If the host asks to repeat the question later, presend asks about the same name then.
   */
  async #askMadeUp(domain: string): Promise<void> {
    const known = this.#domainOf(domain);
    if (this.#plan.policy.probe !== 'yes' || this.#isOver) return;
    if (known !== null && known.kind !== 'waiting') return;
    if (this.#domains.has(domain)) return;
    // The repeated question is not due yet. When it is due, the domain is in `controls`.
    if (known !== null && !this.#plan.controls?.includes(domain)) return;
    let name = known?.kind === 'waiting' ? known.name : makeUpName(this.#random);
    for (let round = 0; round < 2 && this.#left > 0; round++) {
      const finding = await this.#question({ address: `${name}@${domain}` });
      if (finding === null) return;
      const found = domainFinding(finding, name);
      if (found.kind !== 'ambiguous' || round === 1) {
        this.#domains.set(domain, found);
        this.#news.add(domain);
        return;
      }
      name = makeUpName(this.#random);
    }
  }

  /**
   * Confirms the refusals at each domain: asks about an address that the host must accept. This is the postmaster, whom each
   * domain must have (RFC 5321 section 4.5.1), or else a recipient of the domain that the host accepted before in this session.
   * If the host refuses this control address too, it probably refuses every recipient, so its refusals say nothing about the
   * mailboxes.
   */
  async #confirm(): Promise<void> {
    if (this.#plan.policy.unknown === 'direct') return;
    for (const domain of this.#refusals.domains) await this.#confirmAt(domain);
  }

  async #confirmAt(domain: string): Promise<void> {
    const controls = [{ address: `postmaster@${domain}` }, this.#accepted.get(domain) ?? null];
    const reached = ({ position }: RefusedRecipient) => position <= this.#asked + this.#left;
    let finding: RecipientFinding | null = null;
    for (const control of controls) {
      // A refusal of an earlier session may have come after more questions than this session has asked so far.
      do {
        if (this.#isOver || this.#left < 1 || control === null || !this.#refusals.of(domain).some(reached))
          break;
        finding = await this.#question(control);
        if (finding?.kind === 'accepted') this.#confirmed(domain, this.#asked);
      } while (finding?.kind === 'accepted');
    }
    // Nothing was said about the control address. It is asked about again in another session, and the recipients are not.
    const isOpen = finding === null || finding.kind === 'later' || finding.kind === 'accepted';
    if (isOpen) {
      this.#retryMs.set(domain, finding?.kind === 'later' ? finding.retryMs : null);
      return;
    }
    for (const { mailbox, finding: said } of this.#refusals.takeAll(domain))
      this.#find(mailbox.address, mayBeUser(said) ? said : unconfirmed);
  }
}

const ambiguous: RecipientFinding = { kind: 'undetermined', cause: 'ambiguous' };
const unconfirmed: RecipientFinding = { kind: 'undetermined', cause: 'unconfirmed' };
const outOfStep: RecipientFinding = { kind: 'undetermined', cause: 'protocol' };

/**
 * What the answer about a made-up name says about its domain, of which the host has accepted a recipient. So
 * words that are about the domain or the name are about the name.
 */
function domainFinding(finding: RecipientFinding, name: string): DomainFinding {
  switch (finding.kind) {
    case 'accepted':
      return { kind: 'catch_all' };
    case 'unknown_user':
    case 'disabled':
      return { kind: 'selective' };
    case 'undetermined':
      return { kind: mayBeUser(finding) ? 'selective' : 'ambiguous' };
    case 'later':
      return { kind: 'waiting', name, retryMs: finding.retryMs };
    default:
      return { kind: 'ambiguous' };
  }
}
