// The whole verdict, every check with DNS in the cache and no storage, in one thread, beside the peers.

import { setServers } from 'node:dns';
import { createMailHosts } from '../src/dns/look-up.ts';
import { systemTimers } from '../src/dns/timers.ts';
import { validatorOver } from '../src/validate.ts';
import { knowsEverything, startUdpServer } from './dns-stand-in.ts';
import { type Bench, median } from './figures.ts';
import { peer } from './peers.ts';
import { workload } from './workload.ts';

const rounds = 5;
const batchSize = 1000;

/** Addresses a second. */
type Pass = () => Promise<number>;

const rateOf = async (count: number, work: () => Promise<unknown> | unknown): Promise<number> => {
  const began = performance.now();
  await work();
  return (count / (performance.now() - began)) * 1000;
};

export async function run(): ReturnType<Bench['run']> {
  const { addresses } = workload(200_000, 20_000);
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
    for (let index = 0; index < 50_000; index++) await validator.validate(requests[index]!);
  };

  const { isEmail } = peer<{ isEmail: (text: string) => boolean }>('validator');
  const grammar = () => {
    for (const address of addresses) isEmail(address);
  };

  type DeepValidate = (options: object) => Promise<unknown>;
  const { default: deepValidate } = peer<{ default: DeepValidate }>('deep-email-validator');
  const few = addresses.slice(0, 4000);
  const deep = async (validateMx: boolean) => {
    const checks = { validateRegex: true, validateTypo: true, validateDisposable: true, validateSMTP: false };
    for (let start = 0; start < few.length; start += 32)
      await Promise.all(
        few.slice(start, start + 32).map((email) => deepValidate({ email, ...checks, validateMx })),
      );
  };

  const passes: Readonly<Record<string, Pass>> = {
    'presend, whole verdict in batches': () => rateOf(addresses.length, presend),
    'presend, whole verdict one by one': () => rateOf(50_000, oneByOne),
    'validator.isEmail, grammar alone': () => rateOf(addresses.length, grammar),
    'deep-email-validator, with MX': () => rateOf(few.length, () => deep(true)),
    'deep-email-validator, without MX': () => rateOf(few.length, () => deep(false)),
  };

  const rates = new Map(Object.keys(passes).map((name) => [name, [] as number[]]));
  // The first round warms caches and the compiler, and is not counted.
  for (let round = 0; round <= rounds; round++)
    for (const [name, pass] of Object.entries(passes)) {
      const rate = await pass();
      if (round > 0) rates.get(name)!.push(rate);
    }
  udp.close();

  const [own, single, isEmailRate, deepRate] = [...rates.values()].map(median) as [
    number,
    number,
    number,
    number,
  ];
  return {
    figures: [...rates].map(([name, all]) => ({
      name,
      value: median(all),
      unit: '/s',
      ratio: median(all) / isEmailRate,
    })),
    targets: [
      {
        claim: `whole verdict ${(own / isEmailRate).toFixed(2)} × validator.isEmail ≥ 3 ×`,
        holds: own >= 3 * isEmailRate,
      },
      {
        claim: `whole verdict ${(own / deepRate).toFixed(1)} × deep-email-validator with MX ≥ 15 ×`,
        holds: own >= 15 * deepRate,
      },
      {
        claim: `one by one ${(single / isEmailRate).toFixed(2)} × validator.isEmail ≥ 1 ×`,
        holds: single >= isEmailRate,
      },
    ],
  };
}
