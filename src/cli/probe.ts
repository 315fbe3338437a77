// `presend probe`: asks mail hosts by SMTP whether mailboxes exist.

import type { Mailbox } from '../address/mailbox.ts';
import type { MailboxProof, ProofBasis } from '../address/mailbox-proof.ts';
import { parseMailbox } from '../address/parse.ts';
import { minuteMs } from '../durations.ts';
import type { Prober } from '../mailbox/prober.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import type { Proofs } from '../validator/validate.ts';
import { exitAfterOutput, settingsOfEnvironment, standardInput } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { openOrCreateDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

export const command = defineCommand({
  name: 'probe',
  operands: 'ADDRESS…',
  summary: 'ask mail hosts whether mailboxes exist',
  about:
    'Tells whether each mailbox exists: by your own deliveries, opens and clicks of the last 90 days, by an earlier answer that presend stored, or by asking its mail host over SMTP. No mail is sent. Needs port 25 outbound, SMTP_HELO_NAME and SMTP_MAIL_FROM, or another presend that has them (PROBE_URL and PROBE_KEY). Checks these first, as presend doctor does: while one has a fault, nobody is asked. Without addresses, reads them from standard input, one per line. A list takes hours, because no host is asked often.',
  options: {
    wait: {
      type: 'integer',
      value: 'MINUTES',
      default: 1,
      range: [0, 10_080],
      help: 'how long to keep asking; a host that asks presend to try again later needs at least 10',
    },
    'despite-setup': {
      type: 'boolean',
      help: 'ask although the host name, PTR record, SPF record or DNS of this machine has a fault; mail hosts may refuse it',
    },
    ...jsonOption,
  },
  exit: '0 every mailbox exists, 1 at least one does not exist or is disabled, 3 none does not exist but at least one is not proven.',
  examples: ['presend probe jane@example.com', 'presend probe --wait 600 --json < addresses.txt'],
  async run({ operands, values }) {
    if (operands.length === 0 && process.stdin.isTTY)
      throw new UsageError('probe needs at least one address, such as jane@example.com');
    const texts: string[] = [];
    for await (const text of operands.length > 0 ? operands : standardInput())
      if (text.trim() !== '') texts.push(text.trim());
    const mailboxes = texts.map(mailboxOf);
    const { settings } = await settingsOfEnvironment();
    const answers = await probeMailboxes(mailboxes, settings, {
      until: Date.now() + values.wait * minuteMs,
      despiteSetup: values['despite-setup'],
    });
    for (const { address } of mailboxes) {
      const answer = answers.get(address)!;
      process.stdout.write(values.json ? `${jsonOf(address, answer)}\n` : lineOf(address, answer));
    }
    const kinds = new Set([...answers.values()].map(({ proof }) => proof.kind));
    process.exitCode =
      kinds.has('unknown_user') || kinds.has('disabled')
        ? 1
        : [...kinds].every((kind) => kind === 'exists')
          ? 0
          : 3;
    exitAfterOutput();
  },
});

function mailboxOf(text: string): Mailbox {
  const parsed = parseMailbox(text);
  if (!parsed.ok) throw new UsageError(`not an address: ${parsed.failure.message}`);
  return parsed.mailbox;
}

export interface ProbeAnswer {
  readonly proof: MailboxProof;
  readonly basis: ProofBasis | null;
  readonly checkedAt: number | null;
  readonly retryAt: number | null;
}

export interface ProbeMailboxesTerms {
  /** Epoch milliseconds after which no session begins. */
  readonly until: number;
  /** Whether to ask although the set-up of this machine has a fault that may be ignored. */
  readonly despiteSetup?: boolean;
  readonly onProgress?: (settled: number, all: number) => void;
}

/**
 * What own mail, kept answers and mail hosts say about the mailboxes, by canonical address. While the set-up has a fault, nobody is
 * asked, and standard error says what to fix. @throws UsageError if a setting is missing.
 */
export async function probeMailboxes(
  mailboxes: readonly Mailbox[],
  settings: Settings,
  { until, despiteSetup = false, onProgress }: ProbeMailboxesTerms,
): Promise<ReadonlyMap<string, ProbeAnswer>> {
  const { hashKey } = await import('../platform/hash-key-file.ts');
  const { nodeHasher } = await import('../suppression/node-hasher.ts');
  const { createProbeRepository } = await import('../storage/sqlite/probe-repository.ts');
  const { createOwnMailRepository } = await import('../storage/sqlite/own-mail-repository.ts');
  const { createKnownProofs } = await import('../mailbox/known-proofs.ts');
  const { sqlite, database } = await openOrCreateDatabase(settings.databasePath);
  const hasher = nodeHasher(hashKey(settings, sqlite));
  const repository = createProbeRepository(database);
  const known = createKnownProofs({
    ownMail: createOwnMailRepository(database),
    repository,
    hasher,
    now: Date.now,
  });
  const prober = await openProber(settings, repository, hasher);
  const answers = new Map<string, ProbeAnswer>();
  const open: Mailbox[] = [];
  for (const [index, found] of (await known.find(mailboxes)).entries()) {
    const mailbox = mailboxes[index]!;
    if (found === null) open.push(mailbox);
    else answers.set(mailbox.address, { ...found, retryAt: null });
  }
  if (open.length === 0 || (await isSetUp(settings, despiteSetup)))
    for (const [address, finding] of await prober.probe(open, { until, ...(onProgress && { onProgress }) }))
      answers.set(address, { ...finding, basis: finding.checkedAt === null ? null : 'smtp' });
  else
    for (const { address } of open)
      answers.set(address, {
        ...{ proof: { kind: 'not_checked', cause: 'off' }, basis: null, checkedAt: null, retryAt: null },
      });
  await repository.deleteExpired(Date.now());
  sqlite.close();
  return answers;
}

/** Checks the set-up, unless another presend asks. Says what to fix on standard error. */
async function isSetUp(settings: Settings, despiteSetup: boolean): Promise<boolean> {
  const { probeIdentity } = await import('../platform/service-prober.ts');
  const { mayBeIgnored } = await import('../platform/probe-setup.ts');
  const { probeSetupOf } = await import('./probe-setup.ts');
  const identity = probeIdentity(settings.proof);
  if (settings.proof.remote !== null || identity === null) return true;
  const { faults } = await probeSetupOf(settings, identity);
  for (const { code, seen, todo } of faults)
    process.stderr.write(`presend: ${code}: ${printable(`${seen} ${todo}`)}\n`);
  if (faults.length === 0) return true;
  const canGoOn = faults.every(mayBeIgnored);
  if (canGoOn && despiteSetup) return true;
  process.stderr.write(
    `presend: no mail host was asked, because mail hosts refuse a machine that is set up like this. ${
      canGoOn
        ? 'presend probe --despite-setup asks all the same.'
        : 'This cannot be ignored: each question could make it worse, or would fail.'
    } See docs/mailbox-proof.md\n`,
  );
  return false;
}

async function openProber(
  settings: Settings,
  repository: import('../mailbox/probe-repository.ts').ProbeRepository,
  hasher: import('../suppression/address-hash.ts').AddressHasher,
): Promise<Prober> {
  const { systemTimers } = await import('../clock.ts');
  const { openDns } = await import('./open-dns.ts');
  const { refusalAdvice } = await import('../mailbox/keep-proof.ts');
  const { smtpOfNode } = await import('../platform/node.ts');
  const { probeIdentity, probeLookupMs, smtpProber } = await import('../platform/service-prober.ts');
  const { mailHosts, resolver } = await openDns(settings);
  const warned = new Set<string>();
  const warn = (cause: string, text: string) => {
    if (warned.size < maxWarnings && !warned.has(cause)) process.stderr.write(`presend: ${text}\n`);
    warned.add(cause);
  };
  const shared = {
    ...{ repository, hasher, timers: systemTimers },
    mailHostOf: async (domain: string) =>
      (await mailHosts.lookup(domain, Date.now() + probeLookupMs)).mailHost,
  };
  const { remote } = settings.proof;
  if (remote !== null) {
    const { createRemoteProber } = await import('../mailbox/remote-prober.ts');
    const { nodeProbeTransport } = await import('../platform/probe-transport.ts');
    return createRemoteProber({
      ...{ ...remote, ...shared, transport: nodeProbeTransport },
      onFailure: (cause) => warn(cause, `the presend at PROBE_URL gave no usable answer (${cause})`),
    });
  }
  const identity = probeIdentity(settings.proof);
  if (identity === null)
    throw new UsageError(
      `${settings.proof.heloName === null ? 'SMTP_HELO_NAME' : 'SMTP_MAIL_FROM'} is not set. Set SMTP_HELO_NAME to the host name of this machine's IP address, and SMTP_MAIL_FROM to a mailbox of yours, or PROBE_URL to another presend: see docs/mailbox-proof.md`,
    );
  return smtpProber({
    ...{ ...shared, identity, resolver, smtp: await smtpOfNode(settings) },
    onRefused: (host, cause) =>
      warn(
        cause,
        `${printable(host)} refuses to answer presend about mailboxes (${cause}). ${refusalAdvice(cause)}`,
      ),
  });
}

const maxWarnings = 10;

/** The answers as evidence for verdicts. */
export const proofsOf = (answers: ReadonlyMap<string, ProbeAnswer>): Proofs =>
  new Map(
    [...answers].map(([address, { proof, basis, checkedAt }]) => [
      address,
      { proof, basis: basis ?? 'smtp', checkedAt },
    ]),
  );

const iso = (epoch: number | null): string | null => (epoch === null ? null : new Date(epoch).toISOString());

const jsonOf = (email: string, { proof, basis, checkedAt, retryAt }: ProbeAnswer): string =>
  JSON.stringify({
    email,
    proof: proof.kind,
    cause: 'cause' in proof ? proof.cause : null,
    basis,
    checked_at: iso(checkedAt),
    retry_at: iso(retryAt),
  });

function lineOf(email: string, { proof, basis, checkedAt, retryAt }: ProbeAnswer): string {
  const cause = 'cause' in proof ? ` (${proof.cause})` : '';
  const by = basis === null ? '' : `, ${basis} ${iso(checkedAt)}`;
  const again = retryAt === null ? '' : `, ask again after ${iso(retryAt)}`;
  return `${proof.kind.padEnd(13)} ${printable(email)}${cause}${by}${again}\n`;
}
