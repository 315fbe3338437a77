// Measures whole verdicts in one thread, and compares them with other libraries. All checks run; DNS answers are
// cached, and there is no database.

import { setServers } from 'node:dns';
import { systemTimers } from '../src/clock.ts';
import { createMailHosts } from '../src/dns/lookup.ts';
import { validatorOver } from '../src/validator/validate.ts';
import { knowsEverything, startUdpServer } from './dns-stand-in.ts';
import { type Bench, type Figure, inTurns, ratioOf, secondsOf, spread } from './figures.ts';
import { peer } from './peers.ts';
import { workload } from './workload.ts';

const batchSize = 1000;

/** The number of rounds, and how many addresses each library checks in a round. */
const sizes = {
  full: { addresses: 200_000, companies: 20_000, single: 50_000, few: 4000, rounds: 7 },
  smoke: { addresses: 50_000, companies: 20_000, single: 20_000, few: 1000, rounds: 5 },
};

const rateOf = async (count: number, work: () => Promise<unknown> | unknown): Promise<number> =>
  count / (await secondsOf(work));

export const run: Bench['run'] = async (size) => {
  const sizeOf = sizes[size];
  const { addresses } = workload(sizeOf.addresses, sizeOf.companies);
  const udp = await startUdpServer();
  setServers([udp.address]);

  const validator = validatorOver({
    mailHosts: createMailHosts({ resolver: knowsEverything, timers: systemTimers, shareInFlight: true }),
    suppressions: null,
    now: Date.now,
    timeoutMs: 60_000,
    batchTimeoutMs: 60_000,
  });
  const requests = addresses.map((email) => ({ email }));
  const presend = async () => {
    for (let start = 0; start < requests.length; start += batchSize)
      await validator.validateBatch(requests.slice(start, start + batchSize));
  };
  const oneByOne = async () => {
    for (let index = 0; index < sizeOf.single; index++) await validator.validate(requests[index]!);
  };

  const { isEmail } = peer<{ isEmail: (text: string) => boolean }>('validator');
  const grammar = () => {
    for (const address of addresses) isEmail(address);
  };

  type DeepValidate = (options: object) => Promise<unknown>;
  const { default: deepValidate } = peer<{ default: DeepValidate }>('deep-email-validator');
  const few = addresses.slice(0, sizeOf.few);
  const deep = async (validateMx: boolean) => {
    const checks = { validateRegex: true, validateTypo: true, validateDisposable: true, validateSMTP: false };
    for (let start = 0; start < few.length; start += 32)
      await Promise.all(
        few.slice(start, start + 32).map((email) => deepValidate({ email, ...checks, validateMx })),
      );
  };

  const rates = await inTurns(
    {
      batches: () => rateOf(addresses.length, presend),
      single: () => rateOf(sizeOf.single, oneByOne),
      isEmail: () => rateOf(addresses.length, grammar),
      deepWithMx: () => rateOf(few.length, () => deep(true)),
      deep: () => rateOf(few.length, () => deep(false)),
    },
    sizeOf.rounds,
  );
  udp.close();

  const figure = (name: string, own: readonly number[]): Figure => ({
    name,
    value: spread(own),
    unit: 'addresses/s',
  });
  const againstIsEmail = {
    batches: ratioOf(rates.batches, rates.isEmail),
    single: ratioOf(rates.single, rates.isEmail),
  };
  return {
    figures: [
      { ...figure('presend, whole verdict in batches', rates.batches), ratio: againstIsEmail.batches },
      { ...figure('presend, whole verdict one by one', rates.single), ratio: againstIsEmail.single },
      figure('validator.isEmail, grammar alone', rates.isEmail),
      figure('deep-email-validator, with MX', rates.deepWithMx),
      figure('deep-email-validator, without MX', rates.deep),
    ],
    targets: [
      {
        name: 'whole verdict in batches, against validator.isEmail',
        measured: againstIsEmail.batches,
        bound: 'at least',
        limit: 3,
        unit: '×',
      },
      {
        name: 'whole verdict in batches, against deep-email-validator with MX',
        measured: ratioOf(rates.batches, rates.deepWithMx),
        bound: 'at least',
        limit: 15,
        unit: '×',
      },
      {
        name: 'whole verdict one by one, against validator.isEmail',
        measured: againstIsEmail.single,
        bound: 'at least',
        limit: 1,
        unit: '×',
      },
    ],
  };
};
