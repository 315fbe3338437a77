// All signals, in the order in which they decide. The first signal that fires for an address decides its verdict; the
// verdict reports all that fire.

import { catchAll } from './catch-all.ts';
import { confusableDomain } from './confusable-domain.ts';
import { deniedDomain } from './denied-domain.ts';
import { disposableDomain } from './disposable-domain.ts';
import { disposableMailHost } from './disposable-mail-host.ts';
import { dnsUndetermined } from './dns-undetermined.ts';
import { domainNonexistent } from './domain-nonexistent.ts';
import { domainTypo } from './domain-typo.ts';
import { implicitMx } from './implicit-mx.ts';
import { impossibleMailbox } from './impossible-mailbox.ts';
import { mailboxDisabled } from './mailbox-disabled.ts';
import { mailboxFull } from './mailbox-full.ts';
import { mailboxUnknown } from './mailbox-unknown.ts';
import { noKnownObstacle } from './no-known-obstacle.ts';
import { noMailHost } from './no-mail-host.ts';
import { nonAsciiDoubtful } from './non-ascii-doubtful.ts';
import { nonAsciiRefused } from './non-ascii-refused.ts';
import { nonstandardLocalPart } from './nonstandard-local-part.ts';
import { nullMx } from './null-mx.ts';
import { parkedDomain } from './parked-domain.ts';
import { relayAlias } from './relay-alias.ts';
import { retiredProvider } from './retired-provider.ts';
import { roleAccount } from './role-account.ts';
import type { Signal } from './signal.ts';
import { specialUseDomain } from './special-use-domain.ts';
import { suppressed } from './suppressed.ts';
import { suppressionUndetermined } from './suppression-undetermined.ts';
import { syntaxError } from './syntax-error.ts';
import { unlikelyCharacters } from './unlikely-characters.ts';
import { unroutableMailHost } from './unroutable-mail-host.ts';

export const catalogue = [
  syntaxError,
  suppressed,
  specialUseDomain,
  retiredProvider,
  domainTypo,
  domainNonexistent,
  nullMx,
  noMailHost,
  unroutableMailHost,
  mailboxUnknown,
  mailboxDisabled,
  impossibleMailbox,
  deniedDomain,
  nonAsciiRefused,
  dnsUndetermined,
  suppressionUndetermined,
  disposableDomain,
  disposableMailHost,
  parkedDomain,
  confusableDomain,
  unlikelyCharacters,
  nonAsciiDoubtful,
  nonstandardLocalPart,
  mailboxFull,
  roleAccount,
  implicitMx,
  catchAll,
  relayAlias,
  noKnownObstacle,
] as const satisfies readonly Signal[];

/**
 * The reason of a verdict: the name of the signal that decided it. Reasons are part of the API, where new ones may be
 * added.
 */
export type Reason = (typeof catalogue)[number]['reason'];

/** All reasons, in the order of `catalogue`. */
export const reasons: readonly Reason[] = catalogue.map(({ reason }) => reason);

/** Each signal by its reason. */
export const signalOf = Object.fromEntries(catalogue.map((signal) => [signal.reason, signal])) as {
  readonly [Name in Reason]: Signal<Name>;
};
