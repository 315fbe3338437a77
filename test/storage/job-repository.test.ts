// The state of jobs passes its battery on the SQLite of Node.

import { openDatabase } from '../../src/platform/database-file.ts';
import { jobRepositoryBattery } from '../contract/job-repository.ts';

jobRepositoryBattery('node:sqlite', async () => openDatabase(':memory:').database);
