// `presend keys`: create, list, rotate and revoke API keys in the database of the service.

import { commandLineActor } from '../audit/audit.ts';
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
import { UsageError } from '../platform/usage-error.ts';
import { createKeyRepository } from '../storage/sqlite/key-repository.ts';
import { sha256Hex } from '../webhooks/crypto.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { type CommandGroup, defineCommand, jsonOption } from './command.ts';
import { failureJson } from './failure.ts';
import { openOrCreateDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

const nameOption = { name: { type: 'string', value: 'NAME', help: 'what the key is for' } } as const;

export const command: CommandGroup = {
  name: 'keys',
  summary: 'manage the API keys of the service',
  about:
    'Manages the API keys in the database of the service (DATABASE_PATH). A running service sees changes within 10 seconds.',
  actions: [
    defineCommand({
      name: 'keys create',
      summary: 'create a key, and print it once',
      about:
        'Creates a secret key for servers or, with --origins, a publishable key for pages of these origins. The key goes to standard output. It is not shown again.',
      options: {
        ...nameOption,
        scopes: {
          type: 'string',
          choices: scopes,
          value: 'SCOPE,…',
          multiple: true,
          help: 'what a secret key may do, all by default',
        },
        origins: {
          type: 'string',
          value: 'ORIGIN,…',
          multiple: true,
          help: 'make a publishable key for pages of these origins',
        },
        ...jsonOption,
      },
      examples: [
        'presend keys create --name "crm import" --scopes validate,jobs',
        'presend keys create --name "shop form" --origins https://shop.example',
      ],
      run: ({ values }) => runWithStore({ action: 'create', key: newKeyOf(values) }, values.json),
    }),
    defineCommand({
      name: 'keys list',
      summary: 'list all keys without their secrets',
      about: 'Lists all keys without their secrets, one per line.',
      options: { json: { type: 'boolean', help: 'print one JSON object per line' } },
      examples: ['presend keys list'],
      run: ({ values }) => runWithStore({ action: 'list' }, values.json),
    }),
    defineCommand({
      name: 'keys rotate',
      operands: 'ID',
      summary: 'replace a key; the old one expires after a day by default',
      about:
        'Creates a key with the same rights. The old key stays valid for a while (--overlap), so that callers can change to the new one.',
      options: {
        overlap: {
          type: 'integer',
          value: 'SECONDS',
          default: defaultOverlapMs / 1000,
          range: [0, maxOverlapMs / 1000],
          help: 'how long the old key stays valid',
        },
        ...jsonOption,
      },
      exit: '1 if the key id is unknown or the key cannot be rotated, else 0.',
      examples: ['presend keys rotate --overlap 3600 key_Xw3bT0aQ9z'],
      run: ({ values, operands }) =>
        runWithStore(
          { action: 'rotate', id: onlyId(operands), overlapMs: values.overlap * 1000 },
          values.json,
        ),
    }),
    defineCommand({
      name: 'keys revoke',
      operands: 'ID',
      summary: 'revoke a key',
      about: 'Revokes a key. A running service rejects it within 10 seconds.',
      options: jsonOption,
      exit: '1 if the key id is unknown, else 0.',
      examples: ['presend keys revoke key_Xw3bT0aQ9z'],
      run: ({ values, operands }) => runWithStore({ action: 'revoke', id: onlyId(operands) }, values.json),
    }),
  ],
  examples: ['presend keys create --name "crm import" --scopes validate,jobs', 'presend keys list'],
};

/** Runs the command over the database of the service. */
async function runWithStore(keysCommand: KeysCommand, json: boolean): Promise<void> {
  const { settings } = await settingsOfEnvironment();
  const { openDatabase } = await import('../platform/database-file.ts');
  const open = keysCommand.action === 'create' ? openOrCreateDatabase : openDatabase;
  const { sqlite, database } = await open(settings.databasePath);
  const store = createKeyStore({
    repository: createKeyRepository(database),
    sha256: sha256Hex,
    now: Date.now,
  });
  process.exitCode = await runKeysCommand(keysCommand, store, Date.now(), {
    json,
    write: (text) => process.stdout.write(text),
    note: (text) => process.stderr.write(text),
  });
  sqlite.close();
}

export interface KeysOutput {
  /** True to write JSON instead of text. */
  readonly json: boolean;
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

function onlyId(operands: readonly string[]): string {
  if (operands.length !== 1)
    throw new UsageError('one key id is required; "presend keys list" shows the ids');
  return operands[0]!;
}

interface NewKeyValues {
  readonly name: string | undefined;
  readonly scopes: readonly Scope[] | undefined;
  readonly origins: readonly string[] | undefined;
}

/** @throws UsageError if a value is missing or invalid, or if two contradict each other. */
export function newKeyOf({ name: given = '', scopes: wanted, origins: texts }: NewKeyValues): NewKey {
  const name = given.trim();
  if (name === '' || name.length > 100)
    throw new UsageError('--name is required and must be at most 100 characters long');
  if (texts === undefined) return { kind: 'secret', name, scopes: wanted ?? null };
  if (wanted !== undefined)
    throw new UsageError('--scopes cannot be used with --origins: publishable keys have no scopes');
  const origins = texts.map(readOrigin);
  if (!origins.every((origin) => origin !== null))
    throw new UsageError(
      '--origins must be one or more origins, separated by commas, such as https://shop.example',
    );
  return { kind: 'publishable', name, origins };
}

/** Runs the command and returns the exit status: 1 if the key id is unknown or the key cannot be rotated, else 0. */
export async function runKeysCommand(
  command: KeysCommand,
  store: KeyStore,
  now: number,
  output: KeysOutput,
): Promise<number> {
  const { json, write, note } = output;
  const document = (value: object): void => write(`${JSON.stringify(value)}\n`);
  const missing = (code: string, message: string): number => {
    note(`${message}\n`);
    if (json) write(failureJson(code, message));
    return 1;
  };
  switch (command.action) {
    case 'create': {
      const { text, key } = await store.create(command.key, commandLineActor);
      if (json) document({ key: text, ...(await keyJson(key, now)) });
      else write(`${text}\n`);
      note(`Created ${key.id} "${printable(key.name)}". Save the key now; it is not shown again.\n`);
      return 0;
    }
    case 'list': {
      const keys = await store.list();
      for (const key of keys) if (json) document(await keyJson(key, now));
      if (!json) write(keys.map((key) => line(key, now)).join(''));
      if (keys.length === 0) note('There are no keys yet.\n');
      return 0;
    }
    case 'rotate': {
      const outcome = await store.rotate(command.id, command.overlapMs, commandLineActor);
      if (outcome.kind === 'unknown') return missing('not_found', unknownId);
      if (outcome.kind !== 'rotated')
        return missing(
          'not_rotated',
          'The key is revoked, expired or already rotated. Create a new one with: presend keys create',
        );
      if (json) document({ key: outcome.text, ...(await keyJson(outcome.key, now)) });
      else write(`${outcome.text}\n`);
      note(
        `${outcome.key.id} replaces ${command.id}, which stays valid for ${command.overlapMs / 1000} s. ` +
          'Save the key now; it is not shown again.\n',
      );
      return 0;
    }
    case 'revoke': {
      if (!(await store.revoke(command.id, commandLineActor))) return missing('not_found', unknownId);
      if (json) document({ id: command.id, revoked: true });
      note('Revoked. Running services reject the key within 10 s.\n');
      return 0;
    }
  }
}

const unknownId = 'Unknown key id. List the keys with: presend keys list';

/** A key as the API returns it. */
async function keyJson(key: Key, now: number) {
  const { keyAnswer } = await import('../http/routes/keys.ts');
  return keyAnswer(key, now);
}

function line(key: Key, now: number): string {
  const opens = key.kind === 'publishable' ? key.origins.join(',') : (key.scopes?.join(',') ?? 'all scopes');
  const used = key.lastUsedOn === null ? 'never used' : `last used ${key.lastUsedOn}`;
  return `${key.id}  ${key.prefix}…  ${stateOf(key, now).padEnd(7)}  ${used}  ${opens}  ${printable(key.name)}\n`;
}
