// Addresses such as those in signup forms and lists. They are the same in every run.

/** Returns a function that returns random whole numbers from 0 to `below` − 1 (linear congruential generator). */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export interface Workload {
  readonly addresses: readonly string[];
  /** The distinct domains that accept mail, the most frequent first. */
  readonly domains: readonly string[];
}

const providers = [
  'gmail.com',
  'yahoo.com',
  'hotmail.com',
  'outlook.com',
  'icloud.com',
  'aol.com',
  'gmx.de',
  'web.de',
];
const misspelt = [
  'gmial.com',
  'gmail.con',
  'hotmial.com',
  'yaho.com',
  'outlok.com',
  'gamil.com',
  'gmail.comm',
];
const disposable = [
  'mailinator.com',
  'guerrillamail.com',
  'yopmail.com',
  '10minutemail.com',
  'trashmail.com',
];
const invalid = [
  'jane',
  'jane@',
  '@gmail.com',
  'jane..doe@gmail.com',
  'jane doe@gmail.com',
  'jane@gmail,com',
  'a@b@c.com',
];
const roles = ['info', 'sales', 'support', 'admin', 'office'];
const names = 'jane john maria li wei anna peter fatima ivan chen sofia ali emma noah mia luca'.split(' ');
const syllables =
  'ba be bo ca co da de di fa fi ga go ha ka la le li lo ma me mi mo na no pa po ra re ri ro sa se so ta te ti to va ve vi'.split(
    ' ',
  );
const endings = ['com', 'com', 'com', 'net', 'org', 'de', 'fr', 'co.uk', 'com.br', 'io', 'it'];

/**
 * Returns `count` addresses at `companies` company domains and at the big providers. The frequency of domains follows
 * Zipf's law. 3% of the addresses have a misspelled domain, 2% are disposable, 2% are not addresses, 2% are role
 * accounts, 1% have non-ASCII characters, 3% have a tag, and 2% are in upper case.
 */
export function workload(count: number, companies: number, seed = 42): Workload {
  const pick = numbers(seed);
  const one = <T>(from: readonly T[]): T => from[pick(from.length)]!;
  const made = new Set<string>();
  while (made.size < companies) {
    const name = Array.from({ length: 3 + pick(3) }, () => one(syllables)).join('');
    made.add(`${name}.${one(endings)}`);
  }
  const domains = [...providers, ...made];
  // Zipf's law with exponent 1, by inverting its distribution: the rank is n^u, where n is the number of domains and u
  // is random in [0, 1).
  const domain = () => domains[Math.floor(domains.length ** (pick(1_000_000) / 1_000_000)) - 1]!;
  const person = () => `${one(names)}.${one(syllables)}${one(syllables)}${pick(1000)}`;
  const addresses = Array.from({ length: count }, () => {
    const chance = pick(100);
    if (chance < 3) return `${person()}@${one(misspelt)}`;
    if (chance < 5) return `${person()}@${one(disposable)}`;
    if (chance < 7) return one(invalid);
    if (chance < 9) return `${one(roles)}@${domain()}`;
    if (chance < 10) return `jörg.${one(syllables)}${pick(1000)}@bücher-${one(syllables)}.de`;
    if (chance < 13) return `${person()}+news@${domain()}`;
    if (chance < 15) return `${person()}@${domain()}`.toUpperCase();
    return `${person()}@${domain()}`;
  });
  return { addresses, domains };
}
