// Makes presend use the lists of a data pack, if they pass the checks.

import { isRoleAccount } from '../address/local-part.ts';
import { type DataPart, startDataGeneration } from '../data-part.ts';
import { dataDate, dataVersion, setDataVersion } from '../domain/data-date.ts';
import { describeDomain } from '../domain/describe.ts';
import { isDisposable } from '../domain/disposable.ts';
import { describeMailHost } from '../domain/mail-host-facts.ts';
import { mailboxProvider } from '../domain/mailbox-provider.ts';
import { dataParts } from './data-parts.ts';
import type { DataPack } from './pack-format.ts';

export type Preparation =
  /** `use` replaces the data in use. It takes less than a millisecond. */
  | { readonly ok: true; readonly use: () => void }
  /** `problem` ends a sentence that begins with "The data pack", such as "calls gmail.com disposable". */
  | { readonly ok: false; readonly problem: string };

/**
 * Builds the tables of a pack and checks them. Parts that this release does not know are ignored; for parts that the pack
 * lacks, the built-in ones are used. `pause` is awaited between the parts, each of which takes up to some tens of
 * milliseconds.
 */
export async function preparePack(pack: DataPack, pause: () => Promise<void>): Promise<Preparation> {
  const puts: (() => () => void)[] = [];
  for (const part of dataParts) {
    const text = pack.parts.get(part.name) ?? null;
    if (text !== null && !part.isValid(text))
      return { ok: false, problem: `has a part that cannot be read: ${part.name}` };
    puts.push(part.prepare(text));
    await pause();
  }
  const problem = problemWith(puts);
  return problem === null ? { ok: true, use: () => use(puts, pack.version) } : { ok: false, problem };
}

function use(puts: readonly (() => () => void)[], version: string): void {
  for (const put of puts) put();
  setDataVersion(version);
  startDataGeneration();
}

/** Makes presend use the data that is built into this release. */
export function restoreBuiltInData(): void {
  if (dataVersion() === dataDate && dataParts.every((part) => part.text() === part.builtIn())) return;
  use(
    dataParts.map((part: DataPart) => part.prepare(null)),
    dataDate,
  );
}

/**
 * Installs the tables, looks up mailboxes that certainly work, and restores the earlier tables. No other code sees the new tables
 * meanwhile, because no step is asynchronous.
 */
function problemWith(puts: readonly (() => () => void)[]): string | null {
  const undos = puts.map((put) => put());
  try {
    return problemInUse();
  } finally {
    for (const undo of undos) undo();
  }
}

/** Domains of providers with many millions of mailboxes. A list that calls one of them disposable or closed is wrong. */
const liveDomains = [
  ...['gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'yahoo.com'],
  ...['yahoo.co.jp', 'yahoo.co.uk', 'icloud.com', 'me.com', 'aol.com', 'proton.me', 'protonmail.com'],
  ...['gmx.de', 'gmx.net', 'web.de', 't-online.de', 'orange.fr', 'free.fr', 'laposte.net', 'libero.it'],
  ...['comcast.net', 'att.net', 'btinternet.com', 'bigpond.com', 'docomo.ne.jp', 'naver.com', 'qq.com'],
  ...['163.com', '126.com', 'mail.ru', 'yandex.ru', 'seznam.cz', 'wp.pl', 'uol.com.br', 'terra.com.br'],
];

/** Mail hosts of providers at which millions of companies have their own domains. */
const liveHosts = [
  'aspmx.l.google.com',
  'example-com.mail.protection.outlook.com',
  'mx.zoho.com',
  'mail.protonmail.ch',
];

const personalNames = ['jane', 'john.smith', 'maria', 'j.doe', 'wang.wei'];

function problemInUse(): string | null {
  for (const domain of liveDomains) {
    const { retired, typo, typoIfUnused } = describeDomain(domain);
    // The list of providers protects its domains, so ask the list of disposable domains itself too.
    if (isDisposable(domain, domain)) return `calls ${domain} disposable`;
    if (retired !== null && retired !== undefined) return `says that ${domain} closed`;
    if (typo !== null || typoIfUnused !== null) return `calls ${domain} a misspelling`;
    if (mailboxProvider(domain) === null) return `lists no mailbox provider for the domain ${domain}`;
  }
  for (const host of liveHosts) {
    const { disposable, parked, provider } = describeMailHost([{ host, preference: 10 }]);
    if (disposable || parked) return `calls the mail host ${host} ${disposable ? 'disposable' : 'parked'}`;
    if (provider === null) return `lists no mailbox provider for the mail host ${host}`;
  }
  const role = personalNames.find((name) => isRoleAccount(name));
  return role === undefined ? null : `calls the name ${role} a role account`;
}
