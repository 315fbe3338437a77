// A world whose truth is known: where addresses come from, at which domains, and how likely mail to each bounces.

import { mailboxProvider } from '../../src/domain/mailbox-provider.ts';
import { annualDecay, decaySegmentOf } from '../../src/verdict/decay.ts';
import type { Zone } from '../../test/dns/zone.ts';
import { type Random, randomFrom } from './random.ts';

export interface Address {
  readonly email: string;
  readonly source: string;
  /** Days since somebody last knew that mail arrives there; null where that is not told. */
  readonly ageDays: number | null;
  readonly domain: string;
  /** The true chance that a message comes back for good. */
  readonly truth: number;
}

export interface World {
  readonly zone: Zone;
  readonly sources: readonly string[];
  /** An address of a source, or of any. No address comes twice. */
  address(source?: string): Address;
}

/** How the truth differs from the priors. All are factors of odds as logarithms, but for the decay. */
export interface Truth {
  /** What a reason's odds are beside those of its prior. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The standard deviations among providers, among sources, and among providers of one source. */
  readonly providers: number;
  readonly sources: number;
  readonly pairs: number;
  /** The hazard of a mailbox's death, as a factor of the published one of its segment. */
  readonly decay: number;
}

/** As the priors have it; sources and providers differ all the same. */
export const truthAsPriors: Truth = {
  reasons: {},
  providers: 0.3,
  sources: 0.6,
  pairs: 0.2,
  decay: 1,
};

/** Priors that are wrong: worse mailboxes, squatters that refuse everything, web servers that do take mail, slower decay. */
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
  /** The prior of the policy table, written once more so that a change there shows. */
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

/** The MX of each provider, and whether it is known by its domain. */
const providers = [
  { name: 'gmail', weight: 9, domain: 'gmail.com', mx: 'gmail-smtp-in.l.google.com' },
  { name: 'outlook', weight: 5, domain: 'outlook.com', mx: 'outlook-com.olc.protection.outlook.com' },
  { name: 'yahoo', weight: 3, domain: 'yahoo.com', mx: 'mta5.am0.yahoodns.net' },
  { name: 'google', weight: 3, domain: null, mx: 'aspmx.l.google.com' },
  { name: 'microsoft365', weight: 3, domain: null, mx: 'tenant.mail.protection.outlook.com' },
  { name: 'own', weight: 4, domain: null, mx: null },
] as const;

/** Domains of each kind. */
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
      // A source that the world does not know is like any other.
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

/** Draws from the standard normal distribution, one for each name. */
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
