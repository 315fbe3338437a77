// `presend data`: update the lists from a signed data pack, make one, and show which lists are in use.

import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
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

export const help = `Usage: presend data update [--url URL | --file FILE] [--dry-run] [--force]
                                              replace the lists by those of a signed data pack
       presend data pack --key KEY -o FILE [--data-version VERSION]
                                              write the lists of this release as a data pack
       presend data status                    show which lists are in use, and their age

Options of update:
  --url URL     download the data pack from URL, DATA_URL by default
  --file FILE   read the data pack from a file
  --dry-run     check the data pack and print what would change
  --force       accept an older version, and changes of more than 5% of a list

Options of pack:
  --key KEY     an Ed25519 private key in PEM: openssl genpkey -algorithm ed25519 -out data-key.pem
  -o FILE       the data pack to write
  --data-version VERSION
                the day of the lists by default; 2026-11-27.2 is the second version of that day

A data pack needs a signature from a key in DATA_PUBLIC_KEY. It is written to DATA_DIR, or next to the database.
"presend serve" uses it within 10 seconds.

Exit status: 1 if the data pack is refused or cannot be downloaded, else 0.

Examples:
  presend data pack --key data-key.pem -o presend.pack
  presend data update --url https://example.com/presend.pack --dry-run
`;

/** Milliseconds that the download may take. */
const downloadMs = 60_000;

export async function run([action = '', ...args]: string[]): Promise<void> {
  switch (action) {
    case 'update':
      return update(args);
    case 'pack':
      return pack(args);
    case 'status':
      parseArgs({ args });
      return status();
    default:
      throw new UsageError('data needs one of: update, pack, status');
  }
}

async function update(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string' },
      file: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
    },
  });
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
  if (!got.ok) return refuse(got.why);
  const reading = await readPack(got.bytes, settings.data.publicKeys);
  if (!reading.ok) return refuse(packRefusals[reading.why]);
  await applyPresentData(path, settings);
  const present = dataVersion();
  const decision = await checkUpdate(reading.pack, {
    present,
    builtIn: dataDate,
    now: Date.now(),
    force: values.force,
  });
  process.stdout.write(changeLines(decision.changes));
  if (decision.kind === 'refused')
    return refuse(
      decision.changes.length === 0 ? decision.why : `${decision.why} To accept this, use --force.`,
    );
  const { version } = reading.pack;
  if (decision.kind === 'current') process.stdout.write(`Version ${version} is in use already.\n`);
  else if (values['dry-run'])
    process.stdout.write(`Version ${version} would replace ${present}. Nothing was written.\n`);
  else {
    await replaceDataFile(path, got.bytes);
    process.stdout.write(`Version ${version} replaces ${present}: ${path}\n`);
  }
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

/** Loads the data pack that is already on the disk, so that the new pack is compared with it. If it is damaged, only prints a warning. */
async function applyPresentData(path: string, { data }: Settings): Promise<void> {
  const loading = await loadDataFile(path, data.publicKeys);
  if (loading.kind === 'unusable') process.stderr.write(`presend: ${path} is not used. ${loading.why}\n`);
}

function refuse(why: string): void {
  process.stderr.write(`presend: the data was not updated. ${why}\n`);
  process.exitCode = 1;
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

async function pack(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      key: { type: 'string' },
      output: { type: 'string', short: 'o' },
      'data-version': { type: 'string', default: dataDate },
    },
  });
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
  const publicKey = createPublicKey(key).export({ format: 'jwk' }).x!;
  process.stdout.write(
    `${output}: version ${version}, ${bytes.length} bytes\nDATA_PUBLIC_KEY=${Buffer.from(publicKey, 'base64url').toString('base64')}\n`,
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

async function status(): Promise<void> {
  const { settings } = await settingsOfEnvironment();
  const path = dataFilePath(settings);
  const loading =
    path === null ? { kind: 'absent' as const } : await loadDataFile(path, settings.data.publicKeys);
  const from = loading.kind === 'used' ? path : 'built into this release';
  process.stdout.write(`version ${dataVersion()}, ${dataAgeDays(Date.now())} days old, ${from}\n`);
  if (loading.kind === 'outdated')
    process.stdout.write(
      `${path} is not used: its version ${loading.version} is older than the data of this release.\n`,
    );
  if (loading.kind !== 'unusable') return;
  process.stderr.write(`presend: ${path} is not used. ${loading.why}\n`);
  process.exitCode = 1;
}
