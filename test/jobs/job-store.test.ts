// The state of jobs passes its battery on the SQLite of Node.

import { openDatabase } from '../../src/platform/node.ts';
import { jobStoreBattery } from '../contract/job-store.ts';

jobStoreBattery('node:sqlite', async () => openDatabase(':memory:').database);
