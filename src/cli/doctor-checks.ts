// The checks of `presend doctor`. Each returns what it saw, as a value. The outside world is in `DoctorPorts`.

import type { AlertTargetState } from '../alerts/alert-outbox.ts';
import { probeResolvers, type ResolverProbe } from '../dns/probe-resolvers.ts';
import type { Resolver } from '../dns/resolver.ts';
import { oldDataDays } from '../domain/data-date.ts';
import type { SmtpIdentity } from '../mailbox/smtp-session.ts';
import { counted } from '../number-text.ts';
import type { DataLoading } from '../platform/data-file.ts';
import type { ProbeSetup } from '../platform/probe-setup.ts';
import { probeIdentity } from '../platform/service-prober.ts';
import { readSettings, type Settings } from '../platform/settings.ts';
import type { MigrationState } from '../storage/sqlite/migrate.ts';
import { nodeRefusal } from './node-version.ts';

export interface Check {
  /** What was checked, such as `resolver dns.google`. */
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was seen: a clause without a period. Contains no value of a setting that may be a secret. */
  readonly seen: string;
  /** What to do, a sentence; null if nothing. */
  readonly todo: string | null;
}

/** What is known about the file of the database. `error` is a clause. */
export type DatabaseState =
  | { readonly kind: 'absent'; readonly writableFolder: boolean }
  | { readonly kind: 'unusable'; readonly error: string }
  | { readonly kind: 'usable'; readonly migrations: MigrationState };

export interface DoctorPorts {
  readonly nodeVersion: string;
  readonly environment: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly database: (path: string) => DatabaseState;
  /** The state of each receiver of alerts, from the database; empty if there is no database. */
  readonly alerts: (path: string) => Promise<readonly AlertTargetState[]>;
  /** Bytes that can still be written in the folder of a file. */
  readonly freeBytes: (path: string) => Promise<number>;
  readonly resolvers: (settings: Settings) => readonly Resolver[];
  /** Addresses of the DNS servers that the operating system uses. */
  readonly systemServers: () => readonly string[];
  readonly data: (settings: Settings) => Promise<{ loading: DataLoading; version: string; ageDays: number }>;
  /** Connects to a mail server on port 25 and returns its greeting. Rejects if that is impossible. */
  readonly greetingOnPort25: (deadlineMs: number) => Promise<string>;
  /** Checks what the prober of the settings needs. */
  readonly probeSetup: (settings: Settings, identity: SmtpIdentity) => Promise<ProbeSetup>;
  /** The status with which the presend at PROBE_URL answers a request without an address. Rejects if it cannot be reached. */
  readonly remoteProber: (remote: NonNullable<Settings['proof']['remote']>) => Promise<number>;
  /** The time that a web server states, in epoch milliseconds; null if it states none. Rejects if it cannot be reached. */
  readonly timeAt: (url: string, deadlineMs: number) => Promise<number | null>;
  /** Milliseconds that each check of the network may take. */
  readonly deadlineMs: number;
}

const ok = (check: string, seen: string): Check => ({ check, status: 'ok', seen, todo: null });
const warn = (check: string, seen: string, todo: string): Check => ({ check, status: 'warn', seen, todo });
const fail = (check: string, seen: string, todo: string): Check => ({ check, status: 'fail', seen, todo });

/**
 * Runs all checks, those of the network at the same time. A problem that a check finds is a result and never rejects the promise.
 */
export async function examine(ports: DoctorPorts): Promise<Check[]> {
  const { checks, settings } = checkSettings(ports.environment);
  const network = Promise.all([
    checkResolvers(settings, ports),
    checkPort25(ports),
    checkProof(settings, ports),
    checkClock(settings, ports),
  ]);
  const local = [
    checkNode(ports.nodeVersion),
    ...checks,
    checkDatabase(settings, ports),
    await checkSpace(settings, ports),
    await checkData(settings, ports),
    ...(await checkAlerts(settings, ports)),
  ];
  return [...local, ...(await network).flat()];
}

function checkNode(version: string): Check {
  const refusal = nodeRefusal(version);
  return refusal === null
    ? ok('node', version)
    : fail('node', version, 'Install the current version from https://nodejs.org.');
}

/** Checks each setting that is set. Replaces invalid settings with their defaults in the result, so the other checks can run. */
export function checkSettings(environment: DoctorPorts['environment']): {
  checks: Check[];
  settings: Settings;
} {
  const checks: Check[] = [];
  let given: Record<string, unknown> = { ...environment };
  let outcome = readSettings(environment);
  const wrong = new Set<string>();
  while (!outcome.ok) {
    const names = Object.keys(given).filter((name) => given[name] !== undefined);
    for (const mistake of outcome.mistakes) {
      const words = new Set(mistake.match(/\w+/g));
      const meant = names.filter((name) => words.has(name));
      checks.push(fail(`setting ${meant[0] ?? ''}`.trim(), 'is invalid', mistake));
      for (const name of meant) wrong.add(name);
    }
    given = Object.fromEntries(names.filter((name) => !wrong.has(name)).map((name) => [name, given[name]]));
    const before = names.length;
    // If no setting can be found that causes the mistake, use the defaults of all settings.
    if (Object.keys(given).length === before) given = {};
    outcome = readSettings(given);
  }
  const { settings } = outcome;
  const isSet = (name: string) => typeof environment[name] === 'string' && environment[name].trim() !== '';
  const valid = settingNames(environment).filter((name) => isSet(name) && !wrong.has(name));
  checks.push(...valid.map((name) => ok(`setting ${name}`, 'is valid')));
  checks.push(...settings.warnings.map((warning) => warn('settings', 'some names are unknown', warning)));
  if (checks.length === 0) checks.push(ok('settings', 'none is set, so the defaults apply'));
  return { checks, settings };
}

/** The names of all settings that exist: those that `readSettings` asks for. */
function settingNames(environment: DoctorPorts['environment']): string[] {
  const asked = new Set<string>();
  readSettings(
    new Proxy(
      { ...environment },
      {
        get(target, name) {
          if (typeof name === 'string') asked.add(name);
          return Reflect.get(target, name);
        },
        // `readSettings` also lists all variables to find misspelled names. Hide them, because they are not settings.
        ownKeys: () => [],
      },
    ),
  );
  return [...asked];
}

function checkDatabase({ databasePath }: Settings, { database }: DoctorPorts): Check {
  const check = 'storage';
  if (databasePath === ':memory:')
    return warn(
      check,
      'is in memory, so everything is lost when the service stops',
      'Set DATABASE_PATH to a file.',
    );
  const state = database(databasePath);
  if (state.kind === 'absent')
    return state.writableFolder
      ? ok(check, `${databasePath} does not exist yet; "presend serve" creates it`)
      : fail(
          check,
          `the folder of ${databasePath} cannot be written`,
          'Change its permissions, or set DATABASE_PATH to a file in another folder.',
        );
  if (state.kind === 'unusable')
    return fail(
      check,
      `${databasePath}: ${state.error}`,
      state.error.includes('database is locked')
        ? 'Stop other processes that use the file, or set DATABASE_PATH to a file that can be written.'
        : 'Set DATABASE_PATH to a database of presend that can be written, or restore a backup.',
    );
  const { pending, unknown } = state.migrations;
  if (unknown.length > 0)
    return fail(
      check,
      `${databasePath} has migration ${unknown.at(-1)} of a newer version`,
      'Run that version of presend, or restore a backup.',
    );
  const migrations =
    pending.length === 0
      ? 'all migrations are applied'
      : `${counted(pending.length, 'migration')} will be applied at the next start`;
  return ok(check, `${databasePath} can be written; ${migrations}`);
}

const gigabyte = 1e9;
/** Bytes below which storage soon fails: a checkpoint of the database needs some. */
const leastFree = 0.1 * gigabyte;

async function checkSpace({ databasePath }: Settings, { freeBytes }: DoctorPorts): Promise<Check> {
  const check = 'free space';
  if (databasePath === ':memory:') return ok(check, 'not needed, because the database is in memory');
  const free = await freeBytes(databasePath).catch(() => null);
  if (free === null)
    return fail(
      check,
      `the disk with ${databasePath} cannot be read`,
      'Check the disk, or set DATABASE_PATH to a file on another disk.',
    );
  const seen = `${(free / gigabyte).toFixed(1)} GB`;
  const todo = 'Free some space, or set DATABASE_PATH and FILES_PATH to another disk.';
  return free < leastFree
    ? fail(check, seen, todo)
    : free < gigabyte
      ? warn(check, seen, todo)
      : ok(check, seen);
}

async function checkData(settings: Settings, { data }: DoctorPorts): Promise<Check> {
  const check = 'data';
  const { loading, version, ageDays } = await data(settings);
  const seen = `version ${version}, ${ageDays} days old`;
  if (loading.kind === 'unusable')
    return warn(check, `${seen}; the data pack on disk is not used`, loading.why);
  return ageDays > oldDataDays
    ? warn(check, seen, 'Install a newer release, or update the lists: presend data update.')
    : ok(check, seen);
}

/** Whether alerts reach their receivers. Without receivers there is no check, because alerts are optional. */
async function checkAlerts(
  { alerts: { urls, mail }, databasePath }: Settings,
  ports: DoctorPorts,
): Promise<Check[]> {
  const check = 'alerts';
  if (urls.length === 0 && mail === null) return [];
  const receivers = urls.length + (mail === null ? 0 : 1);
  const states = await ports.alerts(databasePath).catch(() => []);
  const failing = states.filter(
    ({ lastFailure, lastDeliveredAt }) => lastFailure !== null && lastFailure.at > (lastDeliveredAt ?? 0),
  );
  const seen = `${counted(receivers, 'receiver')}`;
  if (failing.length === 0) return [ok(check, seen)];
  const causes = failing.map(({ lastFailure }) => lastFailure!.cause);
  return [
    warn(
      check,
      `${seen}; the last alert did not reach ${failing.length} of them: ${[...new Set(causes)].join(', ')}`,
      'Try them with: presend alerts test.',
    ),
  ];
}

async function checkResolvers(settings: Settings, ports: DoctorPorts): Promise<Check[]> {
  const { deadlineMs } = ports;
  const probes = await probeResolvers(ports.resolvers(settings), { deadlineMs });
  const anyAnswers = probes.some(({ outcome }) => outcome === 'answers');
  return probes.map((probe) => judgeResolver(probe, anyAnswers, settings, ports));
}

function judgeResolver(
  { name, outcome, seen }: ResolverProbe,
  anyAnswers: boolean,
  { dnsServers }: Settings,
  { systemServers }: DoctorPorts,
): Check {
  const check = `resolver ${name}`;
  const setting = dnsServers.length > 0 ? 'DNS_SERVERS' : 'DOH_URLS';
  if (outcome === 'answers') return ok(check, seen);
  if (outcome === 'wrong')
    return fail(
      check,
      seen,
      `This resolver changes answers. Remove it from ${setting}, and name resolvers there that do not.`,
    );
  if (anyAnswers)
    return warn(
      check,
      seen,
      `presend uses the other resolvers and is slower. Replace this resolver in ${setting}.`,
    );
  if (setting === 'DNS_SERVERS')
    return fail(check, seen, 'Correct DNS_SERVERS, or remove it to ask public resolvers over https.');
  const [own] = systemServers();
  return fail(
    check,
    seen,
    `Set DNS_SERVERS${own === undefined ? ' to the resolver of your network' : `=${own}, the resolver of this machine`}.`,
  );
}

async function checkPort25({ greetingOnPort25, deadlineMs }: DoctorPorts): Promise<Check> {
  const check = 'port 25';
  const use = 'Only mailbox proof by SMTP needs port 25. Many hosting providers open it on request.';
  try {
    const greeting = await greetingOnPort25(deadlineMs);
    return greeting.startsWith('220')
      ? ok(check, 'is open to the outside')
      : warn(check, 'is open, but the mail server refused this machine', use);
  } catch {
    return warn(check, 'a mail server could not be reached on port 25', use);
  }
}

/** Whether mail hosts may be asked about mailboxes. Nothing is said if nobody wants that. */
async function checkProof(settings: Settings, ports: DoctorPorts): Promise<Check[]> {
  const check = 'mailbox proof';
  const { proof } = settings;
  const guide = 'See docs/mailbox-proof.md.';
  if (proof.remote !== null) {
    const status = await ports.remoteProber(proof.remote).catch(() => null);
    // It has read the key, and wants an address.
    if (status === 422) return [ok(check, 'the presend at PROBE_URL accepts PROBE_KEY')];
    return [
      status === null
        ? warn(check, 'the presend at PROBE_URL cannot be reached', `Check PROBE_URL. ${guide}`)
        : warn(
            check,
            `the presend at PROBE_URL answers with status ${status}`,
            `Set PROBE_URL to the URL of that presend, and PROBE_KEY to one of its API keys with the scope probe. ${guide}`,
          ),
    ];
  }
  if (!proof.inVerdicts) return [];
  const identity = probeIdentity(proof);
  if (identity === null)
    return [
      ok(
        check,
        'asks no mail host, because SMTP_HELO_NAME or SMTP_MAIL_FROM is not set; it uses only stored answers and your own deliveries, opens and clicks',
      ),
    ];
  const { address, faults } = await ports.probeSetup(settings, identity);
  if (faults.length === 0)
    return [
      ok(
        check,
        `can ask mail hosts whether mailboxes exist${address === null ? '' : `, from the IP address ${address}`}`,
      ),
    ];
  return faults.map(({ code, seen, todo }) =>
    warn(`${check} ${code}`, `is off. ${seen.replace(/\.$/, '')}`, todo),
  );
}

/** Milliseconds that the clock may be wrong. From `fail` on, webhooks with a signed time are refused. */
const skew = { warn: 10_000, fail: 300_000 };

async function checkClock(settings: Settings, { now, timeAt, deadlineMs }: DoctorPorts): Promise<Check> {
  const check = 'clock';
  const [url] = settings.dohUrls;
  if (settings.dnsServers.length > 0 || url === undefined)
    return ok(check, 'not compared with another clock, because the answers of DNS_SERVERS contain no time');
  const todo = 'Synchronize the clock, for example with chrony or systemd-timesyncd.';
  const stated = await timeAt(url, deadlineMs).catch(() => null);
  if (stated === null)
    return warn(
      check,
      `not compared with another clock, because the answer of ${new URL(url).host} contains no time`,
      'Compare this clock with the true time: date -u.',
    );
  const difference = now() - stated;
  const seconds = Math.round(Math.abs(difference) / 1000);
  if (Math.abs(difference) < skew.warn) return ok(check, `differs from ${new URL(url).host} by ${seconds} s`);
  const seen = `is ${seconds} s ${difference > 0 ? 'ahead' : 'behind'}`;
  return Math.abs(difference) < skew.fail ? warn(check, seen, todo) : fail(check, seen, todo);
}
