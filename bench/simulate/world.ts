// A simulated world: the sources of addresses, their domains, and how likely mail to each address bounces.

import { mailboxProvider } from '../../src/domain/mailbox-provider.ts';
import { annualDecay, decaySegmentOf } from '../../src/verdict/decay.ts';
import type { Zone } from '../../test/dns/zone.ts';
import { type Random, randomFrom } from './random.ts';

export interface Address {
  readonly email: string;
  readonly source: string;
  /** Days since mail last arrived there; null if unknown. */
  readonly ageDays: number | null;
  readonly domain: string;
  /** The true probability of a hard bounce. */
  readonly truth: number;
}

export interface World {
  readonly zone: Zone;
  readonly sources: readonly string[];
  /** Returns a new address of a source, or of a random source. */
  address(source?: string): Address;
}

/** How the true probabilities differ from the priors. All numbers except `decay` are differences of log odds. */
export interface Truth {
  /** The difference between the true log odds and those of the prior, by the name of a kind (see `kinds`). */
  readonly reasons: Readonly<Record<string, number>>;
  /**
   * The standard deviations of the differences between providers, between sources, and between providers of one source.
   */
  readonly providers: number;
  readonly sources: number;
  readonly pairs: number;
  /** The rate at which mailboxes stop working, as a factor of the published rate for their kind of domain. */
  readonly decay: number;
}

/** A world in which the priors are right on average. Sources and providers still differ. */
export const truthAsPriors: Truth = {
  reasons: {},
  providers: 0.3,
  sources: 0.6,
  pairs: 0.2,
  decay: 1,
};

/**
 * A world in which the priors are wrong. For example, more ordinary mailboxes bounce, more parked domains refuse mail,
 * more web servers accept mail, and mailboxes decay more slowly.
 */
export const truthUnlikePriors: Truth = {
  reasons: {
    ordinary: 1.4,
    role: 0.9,
    implicit_mx: -1.8,
    parked: 1.6,
    disposable: 2,
    typo: 2.2,
    nonexistent: 0.7,
  },
  providers: 0.4,
  sources: 0.8,
  pairs: 0.25,
  decay: 0.45,
};

interface Kind {
  readonly name: string;
  readonly weight: number;
  /**
   * The prior of the policy table. It is repeated here, so a change of the table does not change the world but shows in
   * the results.
   */
  readonly prior: number;
}

const kinds: readonly Kind[] = [
  { name: 'ordinary', weight: 66, prior: 0.008 },
  { name: 'role', weight: 6, prior: 0.04 },
  { name: 'implicit_mx', weight: 6, prior: 0.6 },
  { name: 'parked', weight: 5, prior: 0.7 },
  { name: 'disposable', weight: 8, prior: 0.3 },
  { name: 'typo', weight: 6, prior: 0.5 },
  { name: 'nonexistent', weight: 3, prior: 0.98 },
];

const publicAddress = '198.41.0.4';

/**
 * The providers. `domain` is the domain of their mailboxes; if it is null, their customers have their own domains. `mx`
 * is their mail host; if it is null, each domain has its own mail host.
 */
const providers = [
  { name: 'gmail', weight: 9, domain: 'gmail.com', mx: 'gmail-smtp-in.l.google.com' },
  { name: 'outlook', weight: 5, domain: 'outlook.com', mx: 'outlook-com.olc.protection.outlook.com' },
  { name: 'yahoo', weight: 3, domain: 'yahoo.com', mx: 'mta5.am0.yahoodns.net' },
  { name: 'google', weight: 3, domain: null, mx: 'aspmx.l.google.com' },
  { name: 'microsoft365', weight: 3, domain: null, mx: 'tenant.mail.protection.outlook.com' },
  { name: 'own', weight: 4, domain: null, mx: null },
] as const;

/** Number of domains of each kind. */
const domainsOfKind = 12;

const disposableDomains = ['mailinator.com', 'guerrillamail.com', 'yopmail.com', 'trashmail.com'];
const typoDomains = ['gmial.com', 'hotmial.com', 'gamil.com'];

const sources = [
  { name: 'form', weight: 4, mostDays: null },
  { name: 'shop', weight: 3, mostDays: 200 },
  { name: 'fair', weight: 2, mostDays: 500 },
  { name: 'partner', weight: 2, mostDays: 900 },
  { name: 'bought', weight: 2, mostDays: 1500 },
] as const;

const roles = ['info', 'sales', 'support', 'office'];

export function createWorld(seed: number, truth: Truth): World {
  const random = randomFrom(seed);
  const zone = zoneOf();
  const effect = effects(random);
  let made = 0;

  function address(name?: string): Address {
    const source = sources.find((one) => one.name === name) ?? random.weighed(sources);
    const kind = random.weighed(kinds);
    const provider = random.weighed(providers);
    const domain = domainOf(kind.name, provider, random);
    const ageDays = source.mostDays === null ? null : random.below(source.mostDays);
    made++;
    const localPart = kind.name === 'role' ? `${random.pick(roles)}+${made}` : `person${made}`;
    return {
      email: `${localPart}@${domain}`,
      // A source that is not in `sources` gets the properties of a random one.
      source: name ?? source.name,
      ageDays,
      domain,
      truth: chanceOf(kind, provider.name, name ?? source.name, domain, ageDays),
    };
  }

  function chanceOf(
    kind: Kind,
    provider: string,
    source: string,
    domain: string,
    ageDays: number | null,
  ): number {
    const hosted = kind.name === 'ordinary' || kind.name === 'role';
    const logOdds =
      Math.log(kind.prior / (1 - kind.prior)) +
      (truth.reasons[kind.name] ?? 0) +
      (hosted ? truth.providers * effect(`provider ${kind.name} ${provider}`) : 0) +
      truth.sources * effect(`source ${source}`) +
      (hosted ? truth.pairs * effect(`pair ${kind.name} ${provider} ${source}`) : 0);
    const fresh = 1 / (1 + Math.exp(-logOdds));
    const segment = decaySegmentOf(domain, mailboxProvider(domain)?.kind === 'free');
    const survival = (1 - annualDecay[segment].rate) ** truth.decay;
    return 1 - (1 - fresh) * survival ** ((ageDays ?? 0) / 365);
  }

  return { zone, sources: sources.map(({ name }) => name), address };
}

/**
 * Returns a function that draws a number from the standard normal distribution for each name, and the same number when
 * the name comes again.
 */
function effects(random: Random): (name: string) => number {
  const drawn = new Map<string, number>();
  return (name) => {
    const known = drawn.get(name) ?? random.normal();
    drawn.set(name, known);
    return known;
  };
}

type Provider = (typeof providers)[number];

function domainOf(kind: string, provider: Provider, random: Random): string {
  const number = random.below(domainsOfKind);
  switch (kind) {
    case 'ordinary':
      return provider.domain ?? `${provider.name}-tenant-${number}.org`;
    case 'role':
      return `${provider.name}-tenant-${number}.org`;
    case 'disposable':
      return random.pick(disposableDomains);
    case 'typo':
      return random.pick(typoDomains);
    default:
      return `${kind.replace('_', '-')}-name-${number}.org`;
  }
}

function zoneOf(): Zone {
  const zone: Record<string, Zone[string]> = {};
  const mailAt = (domain: string, host: string): void => {
    zone[domain] = { MX: [[10, host]] };
    zone[host] = { A: [publicAddress] };
  };
  for (const { name, domain, mx } of providers) {
    if (domain !== null) mailAt(domain, mx);
    for (let number = 0; number < domainsOfKind; number++) {
      const tenant = `${name}-tenant-${number}.org`;
      mailAt(tenant, mx ?? `mx.${tenant}`);
    }
  }
  for (const domain of [...disposableDomains, ...typoDomains]) mailAt(domain, `mx.${domain}`);
  for (let number = 0; number < domainsOfKind; number++) {
    mailAt(`parked-name-${number}.org`, 'park-mx.above.com');
    zone[`implicit-mx-name-${number}.org`] = { A: [publicAddress] };
  }
  return zone;
}
