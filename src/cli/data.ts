// `presend data`: update the lists from a signed data pack, make one, and show which lists are in use.

import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dataAgeDays, dataDate, dataVersion } from '../domain/data-date.ts';
import { checkUpdate, packRefusals } from '../packs/check-update.ts';
import type { PartChange } from '../packs/compare-data.ts';
import { dataParts } from '../packs/data-parts.ts';
import { compareDataVersions, isDataVersion } from '../packs/data-version.ts';
import { maxPackBytes, readPack, writePack } from '../packs/pack-format.ts';
import { dataFilePath, loadDataFile, replaceDataFile } from '../platform/data-file.ts';
import { type Download, download } from '../platform/download.ts';
import type { Settings } from '../platform/settings.ts';
import { UsageError } from '../platform/usage-error.ts';
import { requireFile, settingsOfEnvironment } from './arguments.ts';
import { type CommandGroup, defineCommand, jsonOption } from './command.ts';
import { CommandFailure } from './failure.ts';
import { applyDataFile } from './open-validator.ts';

/** Milliseconds that the download may take. */
const downloadMs = 60_000;

const packStatus = '1 if the data pack is refused or cannot be downloaded, else 0.';

export const command: CommandGroup = {
  name: 'data',
  summary: 'update the lists of domains and names, or show their age',
  about:
    'Updates the lists that presend has built in, such as that of disposable domains, from a signed data pack. A data pack needs a signature from a key in DATA_PUBLIC_KEY. It is written to DATA_DIR, or next to the database. "presend serve" uses it within 10 seconds.',
  actions: [
    defineCommand({
      name: 'data update',
      summary: 'replace the lists of domains and names by those in a signed data pack',
      about: 'Downloads a data pack, checks its signature and how much it changes, and makes presend use it.',
      options: {
        url: { type: 'string', value: 'URL', help: 'download the data pack from URL, DATA_URL by default' },
        file: { type: 'string', value: 'FILE', help: 'read the data pack from a file' },
        'dry-run': {
          type: 'boolean',
          help: 'check the data pack and print what would change, without replacing the lists',
        },
        force: {
          type: 'boolean',
          help: 'also accept a data pack that is older than the one in use (but not than this release), or that changes more than 5% of a list',
        },
        ...jsonOption,
      },
      exit: packStatus,
      examples: [
        'presend data update --file presend.pack --dry-run',
        'presend data update --file presend.pack',
      ],
      run: ({ values }) => update(values),
    }),
    defineCommand({
      name: 'data pack',
      summary: 'write the lists of this release as a data pack',
      about: 'Writes the lists of this release as a data pack, signed with your key.',
      options: {
        key: {
          type: 'string',
          value: 'FILE',
          help: 'an Ed25519 private key in PEM: openssl genpkey -algorithm ed25519 -out data-key.pem',
        },
        output: { type: 'string', short: 'o', value: 'FILE', help: 'the data pack to write' },
        'data-version': {
          type: 'string',
          value: 'VERSION',
          default: dataDate,
          help: 'the version: a day such as 2026-11-27; 2026-11-27.2 is the second version of that day',
        },
        ...jsonOption,
      },
      examples: ['presend data pack --key data-key.pem -o presend.pack'],
      run: ({ values }) => pack(values),
    }),
    defineCommand({
      name: 'data status',
      summary: 'show which lists are in use, and their age',
      about: 'Shows which lists are in use, and their age.',
      options: jsonOption,
      exit: '1 if there is a data pack on disk that cannot be used, else 0.',
      examples: ['presend data status'],
      run: ({ values }) => status(values.json),
    }),
  ],
  examples: ['presend data status', 'presend data update --file presend.pack --dry-run'],
};

interface UpdateValues {
  readonly url: string | undefined;
  readonly file: string | undefined;
  readonly 'dry-run': boolean;
  readonly force: boolean;
  readonly json: boolean;
}

async function update(values: UpdateValues): Promise<void> {
  const { settings } = await settingsOfEnvironment();
  const path = dataFilePath(settings);
  if (path === null) throw new UsageError('DATA_DIR is required, because DATABASE_PATH is :memory:');
  if (settings.data.publicKeys.length === 0)
    throw new UsageError(
      'DATA_PUBLIC_KEY is required: the public key that verifies the signature of the data pack',
    );
  if (values.url !== undefined && values.file !== undefined)
    throw new UsageError('--url and --file cannot be used together');

  const got = await fetchPack(values.url, values.file, settings);
  if (!got.ok) refuse(got.why);
  const reading = await readPack(got.bytes, settings.data.publicKeys);
  if (!reading.ok) refuse(packRefusals[reading.why]);
  // Load the data pack in use first: the new one is compared with it.
  await applyDataFile(settings);
  const present = dataVersion();
  const decision = await checkUpdate(reading.pack, {
    present,
    builtIn: dataDate,
    now: Date.now(),
    force: values.force,
  });
  const { changes } = decision;
  // With --json the lines are remarks for people.
  (values.json ? process.stderr : process.stdout).write(changeLines(changes));
  if (decision.kind === 'refused')
    refuse(changes.length === 0 ? decision.why : `${decision.why} To accept this, use --force.`);
  const { version } = reading.pack;
  const isWritten = decision.kind !== 'current' && !values['dry-run'];
  if (isWritten) await replaceDataFile(path, got.bytes);
  if (values.json) {
    const outcome = decision.kind === 'current' ? 'current' : isWritten ? 'updated' : 'dry_run';
    const wire = changes.map(({ name, before, added, removed }) => ({ name, before, added, removed }));
    process.stdout.write(`${JSON.stringify({ outcome, version, present, changes: wire })}\n`);
  } else if (decision.kind === 'current') process.stdout.write(`Version ${version} is in use already.\n`);
  else if (isWritten) process.stdout.write(`Version ${version} replaces ${present}: ${path}\n`);
  else process.stdout.write(`Version ${version} would replace ${present}. Nothing was written.\n`);
}

async function fetchPack(
  url: string | undefined,
  file: string | undefined,
  settings: Settings,
): Promise<Download> {
  if (file !== undefined) {
    requireFile(file);
    return { ok: true, bytes: new Uint8Array(await readFile(file)) };
  }
  const from = url ?? settings.data.url;
  if (from === null) throw new UsageError('DATA_URL, --url or --file is required');
  const { createDns } = await import('../dns/create-dns.ts');
  const { fetchTransport } = await import('../dns/transport/fetch.ts');
  const { plainDnsOf } = await import('../dns/transport/plain-node.ts');
  const { callbackNames } = await import('../platform/control-questions.ts');
  const { plainDns } = { plainDns: undefined, ...plainDnsOf(settings) };
  const { resolver } = createDns({
    urls: settings.dohUrls,
    shareInFlight: true,
    transport: fetchTransport(fetch),
    ...(plainDns && { plain: plainDns }),
  });
  return download(from, {
    targets: settings.data.targets,
    names: callbackNames(resolver),
    maxBytes: maxPackBytes,
    timeoutMs: downloadMs,
  });
}

function refuse(why: string): never {
  throw new CommandFailure('data_refused', `the data was not updated. ${why}`);
}

/** One line for each part that changes. */
const changeLines = (changes: readonly PartChange[]): string =>
  changes
    .filter(({ added, removed }) => added > 0 || removed > 0)
    .map(
      ({ name, before, added, removed, tooMuch }) =>
        `${name}: ${before} entries, ${added} added, ${removed} removed${tooMuch ? ' (more than 5%)' : ''}\n`,
    )
    .join('');

interface PackValues {
  readonly key: string | undefined;
  readonly output: string | undefined;
  readonly 'data-version': string;
  readonly json: boolean;
}

async function pack(values: PackValues): Promise<void> {
  const { key: keyFile, output, 'data-version': version } = values;
  if (keyFile === undefined || output === undefined) throw new UsageError('--key and -o are required');
  if (!isDataVersion(version) || compareDataVersions(version, dataDate) < 0)
    throw new UsageError(
      `--data-version must be a day such as 2026-11-27, or 2026-11-27.2 for its second version, and not before ${dataDate}`,
    );
  requireFile(keyFile);
  const key = privateKey(keyFile);
  const parts = new Map(dataParts.map((part) => [part.name, part.builtIn()]));
  const bytes = await writePack({ version, parts }, (data) => sign(null, data, key));
  writeFileSync(output, bytes);
  const raw = createPublicKey(key).export({ format: 'jwk' }).x!;
  const publicKey = Buffer.from(raw, 'base64url').toString('base64');
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ file: output, version, bytes: bytes.length, public_key: publicKey })}\n`
      : `${output}: version ${version}, ${bytes.length} bytes\nDATA_PUBLIC_KEY=${publicKey}\n`,
  );
}

/** @throws UsageError if the file is not an Ed25519 private key in PEM. */
function privateKey(file: string): KeyObject {
  const text = readFileSync(file);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The message below covers this case.
  }
  throw new UsageError(`${file}: not an Ed25519 private key in PEM`);
}

async function status(json: boolean): Promise<void> {
  const { settings } = await settingsOfEnvironment();
  const path = dataFilePath(settings);
  const loading =
    path === null ? { kind: 'absent' as const } : await loadDataFile(path, settings.data.publicKeys);
  const isUsed = loading.kind === 'used';
  const now = Date.now();
  if (json) {
    const source = isUsed ? 'pack' : 'built_in';
    const wire = { version: dataVersion(), age_days: dataAgeDays(now), source, file: isUsed ? path : null };
    process.stdout.write(`${JSON.stringify({ ...wire, pack: loading.kind })}\n`);
  } else {
    const from = isUsed ? path : 'built into this release';
    process.stdout.write(`version ${dataVersion()}, ${dataAgeDays(now)} days old, ${from}\n`);
  }
  if (loading.kind === 'outdated' && !json)
    process.stdout.write(
      `${path} is not used: its version ${loading.version} is older than the data of this release.\n`,
    );
  if (loading.kind !== 'unusable') return;
  process.stderr.write(`presend: ${path} is not used. ${loading.why}\n`);
  process.exitCode = 1;
}
