// Finds mail that is refused because of the sender: at one provider, or at many.

import type { Cause } from '../count.ts';
import { haveSenderAsCause, raisedIn, sharersOf, wasAtMany } from './blocks.ts';
import { type IncidentFinding, isRecent, largest, riseOfAll, shareOfCauses } from './finding.ts';
import { type FoundRise, partOf, riseOf } from './rises.ts';
import type { Series } from './series.ts';
import type { Look } from './usual.ts';

const providerLimits = { rate: 0.03, ratio: 4, share: 0.35 };
const overallLimits = { rate: 0.02, ratio: 4, share: 0.5 };

/**
 * Enhanced statuses that name the authentication of the sender: SPF, DKIM, DMARC, ARC and reverse DNS (RFC 7372, RFC
 * 8617), and those of Google and Microsoft.
 */
const authenticationStatus = /^[45]\.7\.(2[0-9]|3[0-2]|40|509|515|23)$/;

const isAuthentication = ({ reason, status }: Cause): boolean =>
  reason === 'authentication_failed' ||
  reason === 'reverse_dns' ||
  (status !== null && authenticationStatus.test(status));

export function findRefusals(look: Look): IncidentFinding[] {
  const providers = look.series.groups.provider.filter((series) => isRecent(look, series));
  const rises = providers
    .map((series) => riseOf(look, series, 'policy', providerLimits))
    .filter((rise) => rise !== null);
  if (rises.length === 0) {
    const rise = riseOf(look, look.series.all, 'policy', overallLimits);
    if (rise === null) return [];
    const parts = providers.map((series) => partOf(look, rise, series));
    const main = parts.find(
      ({ series, messages }) => series.name !== null && messages >= 0.8 * rise.messages,
    );
    return [main === undefined ? atMany(look, rise, raisedIn(look, providers, rise)) : atOne(look, main)];
  }
  const top = largest(rises);
  const sharers = sharersOf(look, providers, top);
  const raised = sharers.length > 0 ? sharers : raisedIn(look, providers, top);
  const affected = [...new Set([...rises.map(({ series }) => series), ...raised])];
  const whole = rises.reduce((sum, { excess }) => sum + excess, 0);
  const isAlone = rises.length === 1 && top.series.name !== null && sharers.length === 0;
  if (isAlone && !wasAtMany(look, rises)) return [atOne(look, top)];
  if (affected.length >= 3 || top.series.name === null || whole === 0) return [blockAtMany()];
  if (haveOneCause(look, rises) || haveSenderAsCause(look, rises)) return [blockAtMany()];
  return rises.filter(({ series }) => series.name !== null).map((rise) => atOne(look, rise));

  function blockAtMany(): IncidentFinding {
    return atMany(look, riseOfAll(look, rises), affected);
  }
}

/** Whether the replies of all these providers name the sender's authentication. */
function haveOneCause(look: Look, rises: readonly FoundRise[]): boolean {
  const shares = rises.map((rise) => shareOfCauses(look, rise.series, rise, isAuthentication));
  return shares.every((share) => share > 0.5);
}

function atOne(look: Look, rise: FoundRise): IncidentFinding {
  const isAuthenticated = shareOfCauses(look, rise.series, rise, isAuthentication) <= 0.5;
  return {
    kind: isAuthenticated ? 'provider_block' : 'authentication',
    // Failing authentication is a fault of the sender, even if one provider is stricter than others.
    scope: isAuthenticated ? { provider: rise.series.name! } : {},
    rise,
    measures: ['policy'],
    providers: [rise.series],
  };
}

function atMany(look: Look, rise: FoundRise, providers: readonly Series[]): IncidentFinding {
  const isAuthenticated = shareOfCauses(look, look.series.all, rise, isAuthentication) <= 0.5;
  return {
    kind: isAuthenticated ? 'sender_block' : 'authentication',
    scope: {},
    rise,
    measures: ['policy'],
    providers,
  };
}
