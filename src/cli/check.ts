// `presend check`: the verdict on each address, as text or NDJSON.

import type { Mailbox } from '../address/mailbox.ts';
import { minuteMs } from '../durations.ts';
import { UsageError } from '../platform/usage-error.ts';
import type { Proofs, ValidationRequest, Validator } from '../validator/validate.ts';
import { toResponse } from '../verdict/response.ts';
import type { Result, Verdict } from '../verdict/verdict.ts';
import { exitAfterOutput, readDomainList, standardInput } from './arguments.ts';
import { defineCommand } from './command.ts';
import { openValidator } from './open-validator.ts';
import { printable } from './terminal.ts';

export interface CheckOutput {
  /** True to print one JSON object per line, as POST /v1/validate returns it; false to print text. */
  readonly json: boolean;
  readonly colour: boolean;
  readonly write: (text: string) => void;
}

/** Number of addresses that are verified together. Standard input may be long, so it is not read as a whole first. */
const batchSize = 500;

/** Verifies the addresses and writes one line (or JSON object) for each, in order. Returns the exit status. */
export async function check(
  validator: Validator,
  addresses: Iterable<string> | AsyncIterable<string>,
  output: CheckOutput,
  prove: ((mailboxes: readonly Mailbox[]) => Promise<Proofs>) | null = null,
): Promise<number> {
  const results = new Set<Result>();
  const verify = async (emails: readonly string[]): Promise<void> => {
    const started = performance.now();
    const requests = emails.map((email) => ({ email }));
    const proofs = prove === null ? undefined : await prove(await toAsk(validator, requests));
    const { verdicts } = await validator.validateBatch(requests, proofs && { proofs });
    const took = performance.now() - started;
    for (const verdict of verdicts) {
      results.add(verdict.result);
      output.write(
        output.json ? `${JSON.stringify(toResponse(verdict, took))}\n` : line(verdict, output.colour),
      );
    }
  };

  let batch: string[] = [];
  for await (const address of addresses) {
    batch.push(address);
    if (batch.length < batchSize) continue;
    await verify(batch);
    batch = [];
  }
  await verify(batch);
  return exitStatus(results);
}

async function toAsk(validator: Validator, requests: readonly ValidationRequest[]): Promise<Mailbox[]> {
  const { addressesToAsk } = await import('../lists/addresses-to-ask.ts');
  const { createKnownDomains } = await import('../validator/known-domains.ts');
  return addressesToAsk(
    await validator.judgeList(requests, { asOf: Date.now(), domains: createKnownDomains() }),
  );
}

function exitStatus(results: ReadonlySet<Result>): number {
  if (results.has('undeliverable')) return 1;
  return results.has('risky') || results.has('unknown') ? 3 : 0;
}

const ansi: Readonly<Record<Result, number>> = { deliverable: 32, risky: 33, unknown: 36, undeliverable: 31 };

function line({ email, result, reason, bounce, message, didYouMean }: Verdict, colour: boolean): string {
  const word = result.padEnd(13);
  const shown = colour ? `\x1b[${ansi[result]}m${word}\x1b[0m` : word;
  const status = (bounce.status ?? '').padEnd(6);
  const suggestion = didYouMean === null ? '' : ` Did you mean ${printable(didYouMean)}?`;
  return `${shown} ${status} ${printable(email)}\n              ${reason}: ${message}${suggestion}\n`;
}

export const command = defineCommand({
  name: 'check',
  operands: 'ADDRESS…',
  summary: 'print the verdict on each address',
  about:
    'Prints the verdict on each address. Without addresses, reads them from standard input, one per line. The settings and the database of the service apply.',
  options: {
    json: { type: 'boolean', help: 'print one JSON object per line, as POST /v1/validate returns it' },
    proof: {
      type: 'boolean',
      help: 'first ask the mail hosts whether the mailboxes exist; needs SMTP_HELO_NAME and SMTP_MAIL_FROM',
    },
    'proof-wait': {
      type: 'integer',
      value: 'MINUTES',
      default: 1,
      range: [0, 10_080],
      help: 'how long --proof keeps asking the mail hosts',
    },
    allow: {
      type: 'string',
      value: 'FILE',
      help: 'domains that never count as misspelled, disposable, parked or look-alike, one per line; *.example.com includes all subdomains',
    },
    deny: {
      type: 'string',
      value: 'FILE',
      help: 'domains whose addresses get the action "reject", one per line',
    },
  },
  exit: '0 every address is deliverable, 1 at least one is undeliverable, 3 none is undeliverable but at least one is risky or unknown.',
  examples: ['presend check jane@gmial.com', 'presend check --json < addresses.txt'],
  async run({ operands, values }) {
    if (operands.length === 0 && process.stdin.isTTY)
      throw new UsageError('check needs at least one address, such as jane@example.com');
    const { validator, settings, close } = await openValidator({
      allow: readDomainList(values.allow),
      deny: readDomainList(values.deny),
    });
    const prove = async (mailboxes: readonly Mailbox[]) => {
      const { probeMailboxes, proofsOf } = await import('./probe.ts');
      const until = Date.now() + values['proof-wait'] * minuteMs;
      return proofsOf(await probeMailboxes(mailboxes, settings, { until }));
    };
    process.exitCode = await check(
      validator,
      operands.length > 0 ? operands : standardInput(),
      {
        json: values.json,
        colour: process.stdout.isTTY && !process.env['NO_COLOR'],
        write: (text) => process.stdout.write(text),
      },
      values.proof ? prove : null,
    );
    close();
    exitAfterOutput();
  },
});
