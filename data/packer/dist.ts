// A step of `npm run build`: replaces two modules in dist by their values, and writes the schema that the migrations make.
// `node data/packer/dist.ts FOLDER`.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

const dist = resolve(process.argv[2] ?? 'dist');

// The forms need the defaults of each reason, not the signals from which they are computed: a page would load all of them.
const formDefaults = join(dist, 'src/signals/form-defaults.js');
const values = Object.entries(await import(pathToFileURL(formDefaults).href));
writeFileSync(
  formDefaults,
  values.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`).join(''),
);

// A copy of package.json, for the version. In a folder below the package, its map of exports would only mislead.
const manifest = join(dist, 'package.json');
const { name, version, type } = JSON.parse(readFileSync(manifest, 'utf8'));
writeFileSync(manifest, `${JSON.stringify({ name, version, type })}\n`);

// The schema of a new database (src/storage/sqlite/migrate.ts). The module is that of dist: the packer imports no storage.
const migrations = join(import.meta.dirname, '../../migrations');
const { wholeSchema } = await import(pathToFileURL(join(dist, 'src/storage/sqlite/migrate.js')).href);
const schema = wholeSchema(
  new DatabaseSync(':memory:'),
  readdirSync(migrations)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => ({ name: file, sql: readFileSync(join(migrations, file), 'utf8') })),
);
writeFileSync(join(dist, 'schema.json'), JSON.stringify(schema));
