// The preflight: looks up the DNS records of a sender, and says what is wrong with them. All checks run at the same time and
// end at one deadline.

import type { Timers } from '../clock.ts';
import type { Resolver, ResolverPool } from '../dns/resolver.ts';
import { isIpAddress, isPublicAddress } from '../domain/ip-address.ts';
import type { CallbackNames } from '../webhooks/callback-target.ts';
import type { AuthenticationLibrary } from './authentication.ts';
import { gatherBimi, judgeBimi } from './bimi.ts';
import {
  type BlocklistFacts,
  type BlocklistZone,
  gatherBlocklist,
  judgeBlocklists,
  shownQuestion,
} from './blocklists.ts';
import { findingsOf } from './catalogue.ts';
import { defaultDeadlineMs, withDeadline } from './deadline.ts';
import { type DkimAnswers, type DkimKeyFacts, gatherDkim, judgeDkim } from './dkim.ts';
import { type DmarcFacts, gatherDmarc, judgeDmarc } from './dmarc.ts';
import type {
  PreflightFinding,
  PreflightRequest,
  SenderFault,
  SkippedCheck,
  UnansweredQuestion,
} from './finding.ts';
import { gatherMailHost, judgeMailHost, type SenderMailHostFacts } from './mail-host.ts';
import { gatherMtaSts, judgeMtaSts, type MtaStsFacts, type PolicyTransport } from './mta-sts.ts';
import { createPreflightQuestions, type PreflightQuestions } from './questions.ts';
import type { SeenSelectors } from './seen-selectors.ts';
import {
  gatherHelo,
  gatherSendingHost,
  judgeHelo,
  judgeSendingHost,
  type SendingHostFacts,
} from './sending-host.ts';
import { gatherSpf, judgeSpf, type SpfFacts } from './spf.ts';
import { gatherTlsRpt, judgeTlsRpt } from './tls-rpt.ts';
import { gatherTracking, judgeTracking, type TrackingFacts } from './tracking.ts';

export interface PreflightFacts {
  /** The envelope sender's domain first, because its record decides; then the From domain, if it is another. */
  readonly spf: readonly SpfFacts[];
  readonly dkim: readonly DkimKeyFacts[];
  readonly dmarc: DmarcFacts;
  readonly mail_hosts: readonly SenderMailHostFacts[];
  readonly ips: readonly SendingHostFacts[];
  readonly mta_sts: MtaStsFacts | null;
  readonly tls_rpt: string | null;
  readonly bimi: string | null;
  readonly tracking: readonly TrackingFacts[];
  readonly blocklists: readonly BlocklistFacts[];
  readonly not_answered: readonly UnansweredQuestion[];
  readonly not_checked: readonly SkippedCheck[];
  /** Number of DNS questions. */
  readonly queries: number;
}

export interface PreflightAnswer {
  readonly domain: string;
  /** RFC 3339, UTC. */
  readonly checked_at: string;
  readonly findings: readonly PreflightFinding[];
  readonly facts: PreflightFacts;
}

export interface PreflightPorts {
  /** With a pool of several resolvers, a second one confirms that a record is absent. */
  readonly resolver: Resolver | ResolverPool;
  readonly timers: Timers;
  readonly zones: readonly BlocklistZone[];
  readonly policyTransport: PolicyTransport;
  /** Loads the library for SPF and DKIM keys; null if this runtime has none. */
  readonly loadLibrary: (() => Promise<AuthenticationLibrary>) | null;
  /** The selectors that returned messages show; absent if nothing is stored. */
  readonly seenSelectors?: Pick<SeenSelectors, 'currentOf'>;
  /** Milliseconds after which open questions count as not answered; 8,000 by default. */
  readonly deadlineMs?: number;
}

export interface Preflight {
  readonly zones: readonly BlocklistZone[];
  /** Checks the records of a sender. Never takes longer than the deadline. */
  check(request: PreflightRequest): Promise<PreflightAnswer>;
}

/**
 * Maximum number of questions for SPF, of all those of a preflight. The owner of a record decides how many terms it has, and the
 * terms must not use up the questions of the other checks.
 */
const maxSpfQuestions = 180;

export function createPreflight(ports: PreflightPorts): Preflight {
  const { resolver, timers, zones, loadLibrary, seenSelectors, deadlineMs = defaultDeadlineMs } = ports;
  return {
    zones,
    async check(request) {
      const started = timers.now();
      return withDeadline(timers, deadlineMs, async (signal) => {
        const [library, seen] = await Promise.all([
          loadLibrary ? loadLibrary() : null,
          // If storage fails, check without the stored selectors.
          seenSelectors?.currentOf(request.domain).catch(() => []) ?? [],
        ]);
        const questions = createPreflightQuestions(resolver, signal);
        const { facts, faults } = await runChecks(request, questions, library, seen, signal, ports);
        return {
          domain: request.domain,
          checked_at: new Date(started).toISOString(),
          findings: findingsOf(faults, request),
          facts,
        };
      });
    },
  };
}

async function runChecks(
  request: PreflightRequest,
  questions: PreflightQuestions,
  library: AuthenticationLibrary | null,
  seen: readonly string[],
  signal: AbortSignal,
  { policyTransport, zones }: PreflightPorts,
): Promise<{ facts: PreflightFacts; faults: readonly SenderFault[] }> {
  const { domain, ips, helo, bounceDomain, selectors, tracking } = request;
  const bounce = bounceDomain === domain ? null : bounceDomain;
  const domains = bounce === null ? [domain] : [bounce, domain];
  const ofMailHost = gatherMailHost(domain, false, questions);
  const ofDkim = gatherDkim(domain, selectors, questions, library, seen);
  const names = callbackNamesOf(questions);
  const ofSpfTerms = questions.within(maxSpfQuestions);
  const [spf, dkim, dmarc, mailHosts, hosts, heloAnswer, mtaSts, tlsRpt, bimi, tracked, listings] =
    await Promise.all([
      Promise.all(
        domains.map((name, index) =>
          gatherSpf(name, { ips, helo, decides: index === 0 }, ofSpfTerms, library),
        ),
      ),
      ofDkim,
      gatherDmarc(
        domain,
        {
          bounceDomain: bounce,
          signers: ofDkim.then(signersOf),
          exists: ofMailHost.then(({ mailHost }) => mailHost.kind !== 'nxdomain'),
        },
        questions,
      ),
      Promise.all([ofMailHost, ...(bounce === null ? [] : [gatherMailHost(bounce, true, questions)])]),
      Promise.all(ips.map((ip) => gatherSendingHost(ip, questions))),
      helo === null ? null : gatherHelo(helo, ips.filter(isPublicAddress), questions),
      gatherMtaSts(domain, questions, { names, transport: policyTransport, signal }),
      gatherTlsRpt(domain, questions),
      gatherBimi(domain, questions),
      Promise.all(tracking.map((name) => gatherTracking(name, questions))),
      Promise.all(
        zones.map((zone) => gatherBlocklist(zone, zone.lists === 'ips' ? ips : domains, questions)),
      ),
    ]);

  const nonexistent = mailHosts.filter(({ mailHost }) => mailHost.kind === 'nxdomain');
  const ofSpf = spf.map(judgeSpf);
  const ofDmarc = judgeDmarc(dmarc);
  const ofHosts = mailHosts.map(judgeMailHost);
  const ofIps = hosts.map(judgeSendingHost);
  const ownHost = mailHosts[0]!.mailHost;
  const ofMtaSts = judgeMtaSts(
    mtaSts,
    ownHost.kind === 'mx' ? ownHost.exchanges.map(({ host }) => host) : null,
  );
  const ofBlocklists = judgeBlocklists(listings.flat(), ips);
  const ofTracking = tracked.map(judgeTracking);
  const others = [judgeDkim(dkim), ofMtaSts, judgeTlsRpt(tlsRpt), judgeBimi(bimi, ofDmarc.facts)] as const;
  // If the domain does not exist, report only that: nothing can be published there, and other faults would hide this one.
  const ofNames = [...ofSpf, ofDmarc].flatMap(({ faults }) => faults);
  const hidden = new Set(nonexistent.flatMap(({ domain }) => [domain, `_dmarc.${domain}`]));
  return {
    faults: [
      ...ofHosts.flatMap(({ faults }) => faults),
      ...ofNames.filter(({ about }) => !hidden.has(about)),
      ...ofIps.flatMap(({ faults }) => faults),
      ...(heloAnswer === null ? [] : judgeHelo(heloAnswer)),
      ...ofBlocklists.faults,
      ...others.flatMap(({ faults }) => faults).filter(({ about }) => !hidden.has(about)),
      ...ofTracking.flatMap(({ faults }) => faults),
    ],
    facts: {
      spf: ofSpf.map(({ facts }) => facts),
      dkim: others[0].facts,
      dmarc: ofDmarc.facts,
      mail_hosts: ofHosts.map(({ facts }) => facts),
      ips: ofIps.map(({ facts }) => facts),
      mta_sts: ofMtaSts.facts,
      tls_rpt: others[2].facts,
      bimi: others[3].facts,
      tracking: ofTracking.map(({ facts }) => facts),
      blocklists: ofBlocklists.facts,
      not_answered: [
        ...questions.unanswered().map((question) => shownQuestion(question, zones)),
        ...(mtaSts.unfetched ? [mtaSts.unfetched] : []),
      ],
      not_checked: skippedChecks(request, library, zones),
      queries: questions.sent(),
    },
  };
}

/** The known domains that sign mail: those of the selectors that the caller named, and those of usable keys that were found. */
function signersOf({ keys }: DkimAnswers): readonly string[] | null {
  const known = keys.filter(
    ({ isGiven, state, reading }) => isGiven || (state === 'found' && (reading?.kind ?? 'key') === 'key'),
  );
  return known.length === 0 ? null : [...new Set(known.map(({ domain }) => domain))];
}

/** Looks up the host of a policy. IPv6 addresses are asked for only if there is no IPv4 address. */
const callbackNamesOf = ({ ask }: PreflightQuestions): CallbackNames => ({
  isPublic: isPublicAddress,
  isBareAddress: isIpAddress,
  async addressesOf(host) {
    const v4 = await ask(host, 'A');
    if (v4.kind === 'addresses') return v4.addresses;
    const v6 = await ask(host, 'AAAA');
    if (v6.kind === 'addresses') return v6.addresses;
    return v4.kind === 'failure' || v6.kind === 'failure' ? null : [];
  },
});

function skippedChecks(
  { ips }: PreflightRequest,
  library: AuthenticationLibrary | null,
  zones: readonly BlocklistZone[],
): SkippedCheck[] {
  const skipped: SkippedCheck[] = [];
  if (library === null)
    skipped.push(
      {
        check: 'spf_syntax',
        why: 'presend has no library for SPF in this runtime. It counted look-ups, but checked neither the syntax nor the IP addresses.',
      },
      {
        check: 'dkim_keys',
        why: 'presend has no library for DKIM in this runtime. It found the records, but did not read their keys.',
      },
    );
  if (ips.length === 0)
    skipped.push({
      check: 'sending_hosts',
      why: 'No IP address was given, so reverse DNS and whether SPF passes were not checked.',
    });
  if (zones.length === 0) skipped.push({ check: 'blocklists', why: 'DNSBL_ZONES is not set.' });
  return skipped;
}
