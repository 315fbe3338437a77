// `npm run data`: packs the lists in data/, which people can review, into the modules that the service imports. Prints
// what changed. With --check it writes nothing, and fails if a packed module differs from its source. It refuses an
// update that drops more than 5% of the disposable domains, since a source is then probably broken. --allow-drop
// permits the update.

import { writeFileSync } from 'node:fs';
import { buildArtefacts } from './packer/artefacts.ts';
import { compareRecords } from './packer/disposable.ts';
import { readData, rows } from './packer/tsv.ts';
import {
  consoleArtefact,
  docsPageArtefact,
  pageStylesArtefact,
  preflightPageArtefact,
  widgetArtefact,
} from './packer/widget.ts';

const check = process.argv.includes('--check');
const allowDrop = process.argv.includes('--allow-drop');

const { artefacts: lists, records, leftOut } = buildArtefacts();
const artefacts = [
  ...lists,
  await widgetArtefact(),
  await docsPageArtefact(),
  await preflightPageArtefact(),
  await consoleArtefact(),
  await pageStylesArtefact(),
];

const { added, removed, dropsTooMuch } = compareRecords(
  new Set(rows(readData('disposable.tsv')).map(([domain]) => domain!)),
  new Set(records.map(({ domain }) => domain)),
);

const some = (domains: readonly string[]): string =>
  domains.slice(0, 20).join(' ') + (domains.length > 20 ? ' …' : '');
console.log(`disposable: ${records.length} domains, ${added.length} added, ${removed.length} removed`);
if (added.length > 0) console.log(`  added    ${some(added)}`);
if (removed.length > 0) console.log(`  removed  ${some(removed)}`);
console.log(
  `  left out ${leftOut.undecided} without enough votes, ${leftOut.covered} beneath another entry,`,
);
console.log(`           ${leftOut.malformed} malformed, ${leftOut.publicSuffix.length} public suffixes`);
console.log(`  guarded  ${leftOut.guarded.join(' ')}`);

const stale = artefacts.filter(({ path, text }) => readData(path) !== text);
if (check) {
  for (const { path } of stale) console.error(`data/${path} differs from its sources; run npm run data`);
  if (stale.length > 0) process.exitCode = 1;
} else if (dropsTooMuch && !allowDrop) {
  console.error(
    'Refused: more than 5 % of the disposable domains would go. If that is right, add --allow-drop.',
  );
  process.exitCode = 1;
} else {
  for (const { path, text } of stale) {
    writeFileSync(new URL(path, import.meta.url), text);
    console.log(`wrote data/${path}, ${text.length} characters`);
  }
}
