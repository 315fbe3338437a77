// The files ALLOW_FILE and DENY_FILE on Node.

import { readFile, stat } from 'node:fs/promises';
import { createOverrideFiles, type DomainListFile, type OverrideFiles } from '../overrides/override-files.ts';
import type { LogFields } from './log-messages.ts';
import type { Settings } from './settings.ts';

/** The operator's lists of domains in the files ALLOW_FILE and DENY_FILE; null if neither is set. */
export function nodeOverrideFiles(
  { allowFile, denyFile }: Pick<Settings, 'allowFile' | 'denyFile'>,
  log: (line: LogFields) => void,
): OverrideFiles | null {
  if (allowFile === null && denyFile === null) return null;
  const fileAt = (path: string | null): DomainListFile | null =>
    path === null
      ? null
      : {
          name: path,
          version: async () => {
            const { mtimeMs, size, ino } = await stat(path);
            return `${mtimeMs} ${size} ${ino}`;
          },
          text: () => readFile(path, 'utf8'),
        };
  return createOverrideFiles({
    allow: fileAt(allowFile),
    deny: fileAt(denyFile),
    now: Date.now,
    onFailure: (error) => log({ level: 'error', event: 'override_file_failed', error: String(error) }),
  });
}
