// Compares the verdicts on a list with the bounces of a campaign to it: which bounces presend would have prevented, which
// people it would have cost, and how good its probabilities were.

import { mailboxProvider } from '../domain/mailbox-provider.ts';
import { recipientAddress } from '../suppression/recipient.ts';
import {
  type ClusterCount,
  clusterDesignEffect,
  type ShareEstimate,
  shareEstimate,
} from '../verdict/share-interval.ts';
import type { CampaignBounces } from './bounce-file.ts';
import type { ContactVerdict } from './clean-slice.ts';

/** The result of a backtest in the API's JSON. Rates and shares are between 0 and 1, with 90% intervals. */
export interface BacktestReport {
  /** Number of distinct addresses with a verdict: those the campaign was sent to. */
  addresses: number;
  /** Number of rows that repeat an address of another row, and of rows without an address. No other count has them. */
  duplicates: number;
  no_address: number;
  bounces: {
    /** Number of addresses of the list that hard-bounced. */
    hard: number;
    /** Number of hard bounces of addresses that are not on the list. They count nowhere else. */
    not_on_list: number;
    /** Number of rows of the file of bounces that are not hard bounces, do not say it, or cannot be read. */
    not_hard: number;
    unclear: number;
    unreadable: number;
  };
  /** Hard bounces per address of the campaign as it was sent. */
  bounce_rate: number | null;
  /** What would have happened if the campaign had left out addresses with certain actions, the fewest first. */
  policies: BacktestPolicy[];
  /** The verdicts by reason, most bounces first. */
  signals: BacktestSignal[];
  calibration: {
    /** Mean predicted probability, to compare with `bounce_rate`. */
    expected_rate: number | null;
    /** Mean squared difference between the probability and the outcome. */
    brier: number | null;
    bins: CalibrationBin[];
  };
}

export interface BacktestPolicy {
  /** `reject`: addresses with the action `reject` are left out. `reject_or_confirm`: those with `confirm` too. */
  leave_out: 'reject' | 'reject_or_confirm';
  left_out: number;
  /** Bounces among the addresses that are left out, and their share of all bounces. */
  caught: number;
  catch_rate: ShareEstimate;
  /** Addresses that are left out although they did not bounce, and their share of all that did not bounce. */
  false_alarms: number;
  false_alarm_rate: ShareEstimate;
  /** The bounce rate of the remaining addresses; null if none remain. */
  bounce_rate: number | null;
}

export interface BacktestSignal {
  reason: string;
  addresses: number;
  bounced: number;
  /** Expected number of bounces by the predicted probabilities. */
  expected: number;
  rate: number;
  /** Number of addresses with this reason whose action is `reject`, and whose action is `confirm`. */
  rejected: number;
  confirmed: number;
}

/** Addresses whose predicted probability is at least `from` and below `to`. */
export interface CalibrationBin {
  from: number;
  to: number;
  addresses: number;
  expected_rate: number;
  bounced: number;
  observed: ShareEstimate;
}

/** Where the bins of the calibration begin. They are narrow near zero, where most addresses are. */
const binEdges = [0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.95] as const;

const policyNames = ['reject', 'reject_or_confirm'] as const;

const leavesOut = (policy: BacktestPolicy['leave_out'], action: string): boolean =>
  action === 'reject' || (policy === 'reject_or_confirm' && action === 'confirm');

interface PolicyCount {
  left: number;
  caught: number;
  /** Bounces, and those caught, by cluster. */
  readonly bounces: Map<string, ClusterCount>;
  /** Addresses that are left out but did not bounce, by cluster. */
  readonly lost: Map<string, number>;
}

/** Collects the verdicts on a list. Uses memory for the bounces on the list and their domains, but not for the other contacts. */
export function createBacktest(bounces: Omit<CampaignBounces, 'find'>) {
  const onList = new Set<string>();
  const policies = policyNames.map(
    (): PolicyCount => ({ left: 0, caught: 0, bounces: new Map(), lost: new Map() }),
  );
  const signals = new Map<string, BacktestSignal>();
  const bins = binEdges.map(() => ({ addresses: 0, expected: 0, bounced: 0 }));
  let [addresses, duplicates, noAddress, hard, expected, squares] = [0, 0, 0, 0, 0, 0];

  /** `bounce`: what `CampaignBounces.find` returned for the address. */
  function add({ email, duplicate, verdict }: ContactVerdict, bounce: string | null): void {
    if (verdict === null) {
      noAddress++;
      return;
    }
    if (duplicate) {
      duplicates++;
      return;
    }
    const { action, probability } = verdict;
    const bounced = bounce !== null;
    if (bounced) onList.add(bounce);
    addresses++;
    if (bounced) hard++;
    expected += probability;
    squares += (probability - (bounced ? 1 : 0)) ** 2;
    addSignal(verdict, bounced);
    const bin = bins[binEdges.findLastIndex((edge) => probability >= edge)]!;
    bin.addresses++;
    bin.expected += probability;
    if (bounced) bin.bounced++;
    const cluster = clusterOf(recipientAddress(email) ?? email);
    for (const [index, name] of policyNames.entries())
      addTo(policies[index]!, leavesOut(name, action), bounced, cluster);
  }

  function addSignal(
    { reason, action, probability }: NonNullable<ContactVerdict['verdict']>,
    bounced: boolean,
  ): void {
    const known = signals.get(reason);
    const signal = known ?? {
      reason,
      addresses: 0,
      bounced: 0,
      expected: 0,
      rate: 0,
      rejected: 0,
      confirmed: 0,
    };
    if (known === undefined) signals.set(reason, signal);
    signal.addresses++;
    signal.expected += probability;
    if (bounced) signal.bounced++;
    if (action === 'reject') signal.rejected++;
    if (action === 'confirm') signal.confirmed++;
  }

  return {
    add,
    report: (): BacktestReport => ({
      addresses,
      duplicates,
      no_address: noAddress,
      bounces: {
        hard,
        not_on_list: bounces.hard - onList.size,
        not_hard: bounces.notHard,
        unclear: bounces.unclear,
        unreadable: bounces.unreadable,
      },
      bounce_rate: addresses === 0 ? null : rounded(hard / addresses),
      policies: policies.map((count, index) => policyReport(policyNames[index]!, count, addresses, hard)),
      signals: [...signals.values()]
        .map((signal) => ({
          ...signal,
          expected: Number(signal.expected.toFixed(1)),
          rate: rounded(signal.bounced / signal.addresses),
        }))
        .sort((a, b) => b.bounced - a.bounced || b.addresses - a.addresses),
      calibration: {
        expected_rate: addresses === 0 ? null : rounded(expected / addresses),
        brier: addresses === 0 ? null : rounded(squares / addresses),
        bins: bins.flatMap((bin, index) =>
          bin.addresses === 0
            ? []
            : [
                {
                  from: binEdges[index]!,
                  to: binEdges[index + 1] ?? 1,
                  addresses: bin.addresses,
                  expected_rate: rounded(bin.expected / bin.addresses),
                  bounced: bin.bounced,
                  observed: roundedShare(shareEstimate(bin.bounced, bin.addresses)),
                },
              ],
        ),
      },
    }),
  };
}

function addTo(count: PolicyCount, leftOut: boolean, bounced: boolean, cluster: string): void {
  if (leftOut) count.left++;
  if (bounced) {
    const found = count.bounces.get(cluster) ?? { hits: 0, all: 0 };
    found.all++;
    if (leftOut) found.hits++;
    count.bounces.set(cluster, found);
    if (leftOut) count.caught++;
  } else if (leftOut) count.lost.set(cluster, (count.lost.get(cluster) ?? 0) + 1);
}

/**
 * The cluster of addresses that bounce together: all addresses of a domain, since it may have shut down. At a provider of
 * mailboxes, each address is its own cluster.
 */
function clusterOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return mailboxProvider(domain) === null ? domain : address;
}

function policyReport(
  name: BacktestPolicy['leave_out'],
  { left, caught, bounces, lost }: PolicyCount,
  addresses: number,
  hard: number,
): BacktestPolicy {
  const falseAlarms = left - caught;
  // For each false alarm, count the false alarms in its cluster. The mean of these counts is the design effect, if the share is
  // small.
  let squares = 0;
  for (const count of lost.values()) squares += count ** 2;
  const alarmEffect = falseAlarms === 0 ? 1 : squares / falseAlarms;
  return {
    leave_out: name,
    left_out: left,
    caught,
    catch_rate: roundedShare(shareEstimate(caught, hard, clusterDesignEffect(bounces.values()))),
    false_alarms: falseAlarms,
    false_alarm_rate: roundedShare(shareEstimate(falseAlarms, addresses - hard, alarmEffect)),
    bounce_rate: addresses === left ? null : rounded((hard - caught) / (addresses - left)),
  };
}

const rounded = (value: number): number => Number(value.toFixed(5));

const roundedShare = ({ share, low, high }: ShareEstimate): ShareEstimate => ({
  share: share === null ? null : rounded(share),
  low: low === null ? null : rounded(low),
  high: high === null ? null : rounded(high),
});
