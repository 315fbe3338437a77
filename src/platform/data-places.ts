// Where the service keeps its data on Node, by the settings.

import { dirname, join } from 'node:path';
import type { Settings } from './settings.ts';

/** The name of the file with the key of the hashes, unless the key is in ADDRESS_HASH_KEY. */
export const hashKeyName = 'address-hash-key';

/** The file with the key of the hashes: beside the database. */
export const hashKeyPath = (databasePath: string): string => join(dirname(databasePath), hashKeyName);

/** The folder of uploaded lists and their results. */
export const filesFolder = ({ databasePath, jobs }: Pick<Settings, 'databasePath' | 'jobs'>): string =>
  jobs.filesPath ?? join(dirname(databasePath), 'files');
