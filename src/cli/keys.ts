// `presend keys`: create, list, rotate and revoke API keys in the database of the service.

import { parseArgs } from 'node:util';
import {
  defaultOverlapMs,
  type Key,
  maxOverlapMs,
  type NewKey,
  readOrigin,
  type Scope,
  scopes,
  stateOf,
} from '../keys/key.ts';
import type { KeyStore } from '../keys/key-store.ts';
import { createKeyStore } from '../keys/key-store.ts';
import { sha256Hex } from '../platform/key-material.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createKeyRepository } from '../storage/sqlite/key-repository.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { printable } from './terminal.ts';

export const help = `Usage: presend keys create --name NAME [--scopes SCOPE,…]   create a secret key, with all scopes by default
       presend keys create --name NAME --origins ORIGIN,…   create a publishable key for pages of these origins
       presend keys list                                    list all keys without their secrets
       presend keys rotate [--overlap SECONDS] ID           replace a key; the old one expires, after a day by default
       presend keys revoke ID                               revoke a key

Exit status: 1 if the key id is unknown or the key cannot be rotated, else 0.

Examples:
  presend keys create --name "crm import" --scopes validate,jobs
  presend keys create --name "shop form" --origins https://shop.example
`;

export async function run(args: string[]): Promise<void> {
  const command = readKeysCommand(args);
  const { settings } = await settingsOfEnvironment();
  const { openDatabase } = await import('../platform/node.ts');
  const { sqlite, database } = openDatabase(settings.databasePath);
  const store = createKeyStore({
    repository: createKeyRepository(database),
    sha256: sha256Hex,
    now: Date.now,
  });
  process.exitCode = await runKeysCommand(command, store, Date.now(), {
    write: (text) => process.stdout.write(text),
    note: (text) => process.stderr.write(text),
  });
  sqlite.close();
}

export interface KeysOutput {
  /** Writes output for programs: only the new key, or one line per key. */
  readonly write: (text: string) => void;
  /** Writes remarks for people. */
  readonly note: (text: string) => void;
}

/** The parsed arguments. They are parsed before the database is opened. */
export type KeysCommand =
  | { readonly action: 'create'; readonly key: NewKey }
  | { readonly action: 'list' }
  | { readonly action: 'rotate'; readonly id: string; readonly overlapMs: number }
  | { readonly action: 'revoke'; readonly id: string };

/** @throws UsageError if an argument is missing or invalid. */
export function readKeysCommand([action = '', ...args]: readonly string[]): KeysCommand {
  switch (action) {
    case 'create':
      return { action, key: readNewKey(args) };
    case 'list':
      parseArgs({ args });
      return { action };
    case 'rotate': {
      const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: { overlap: { type: 'string', default: String(defaultOverlapMs / 1000) } },
      });
      const overlapMs = /^\d+$/.test(values.overlap) ? Number(values.overlap) * 1000 : Number.NaN;
      if (!(overlapMs <= maxOverlapMs))
        throw new UsageError(`--overlap must be a whole number of seconds, at most ${maxOverlapMs / 1000}`);
      return { action, id: onlyId(positionals), overlapMs };
    }
    case 'revoke':
      return { action, id: onlyId(parseArgs({ args, allowPositionals: true }).positionals) };
    default:
      throw new UsageError('keys needs one of: create, list, rotate, revoke');
  }
}

function onlyId(positionals: readonly string[]): string {
  if (positionals.length !== 1)
    throw new UsageError('one key id is required; "presend keys list" shows the ids');
  return positionals[0]!;
}

function readNewKey(args: string[]): NewKey {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: 'string', default: '' },
      scopes: { type: 'string' },
      origins: { type: 'string' },
    },
  });
  const name = values.name.trim();
  if (name === '' || name.length > 100)
    throw new UsageError('--name is required and must be at most 100 characters long');
  if (values.origins !== undefined) {
    if (values.scopes !== undefined)
      throw new UsageError('--scopes cannot be used with --origins: publishable keys have no scopes');
    const origins = values.origins.split(',').map((text) => readOrigin(text.trim()));
    if (!origins.every((origin) => origin !== null))
      throw new UsageError(
        '--origins must be one or more origins, separated by commas, such as https://shop.example',
      );
    return { kind: 'publishable', name, origins };
  }
  const wanted = values.scopes?.split(',').map((scope) => scope.trim());
  if (wanted !== undefined && !wanted.every((scope): scope is Scope => scopes.includes(scope as Scope)))
    throw new UsageError(`--scopes must be a comma-separated list of: ${scopes.join(', ')}`);
  return { kind: 'secret', name, scopes: wanted ?? null };
}

/** Runs the command and returns the exit status: 1 if the key id is unknown or the key cannot be rotated, else 0. */
export async function runKeysCommand(
  command: KeysCommand,
  store: KeyStore,
  now: number,
  { write, note }: KeysOutput,
): Promise<number> {
  switch (command.action) {
    case 'create': {
      const { text, key } = await store.create(command.key);
      write(`${text}\n`);
      note(`Created ${key.id} "${printable(key.name)}". Save the key now; it is not shown again.\n`);
      return 0;
    }
    case 'list': {
      const keys = await store.list();
      write(keys.map((key) => line(key, now)).join(''));
      if (keys.length === 0) note('There are no keys yet.\n');
      return 0;
    }
    case 'rotate': {
      const outcome = await store.rotate(command.id, command.overlapMs);
      if (outcome.kind !== 'rotated') {
        note(
          outcome.kind === 'unknown'
            ? 'Unknown key id. List the keys with: presend keys list\n'
            : 'The key is revoked, expired or already rotated. Create a new one with: presend keys create\n',
        );
        return 1;
      }
      write(`${outcome.text}\n`);
      note(
        `${outcome.key.id} replaces ${command.id}, which stays valid for ${command.overlapMs / 1000} s. ` +
          'Save the key now; it is not shown again.\n',
      );
      return 0;
    }
    case 'revoke': {
      const revoked = await store.revoke(command.id);
      note(
        revoked
          ? 'Revoked. Running services reject the key within 10 s.\n'
          : 'Unknown key id. List the keys with: presend keys list\n',
      );
      return revoked ? 0 : 1;
    }
  }
}

function line(key: Key, now: number): string {
  const opens = key.kind === 'publishable' ? key.origins.join(',') : (key.scopes?.join(',') ?? 'all scopes');
  const used = key.lastUsedOn === null ? 'never used' : `last used ${key.lastUsedOn}`;
  return `${key.id}  ${key.prefix}…  ${stateOf(key, now).padEnd(7)}  ${used}  ${opens}  ${printable(key.name)}\n`;
}
