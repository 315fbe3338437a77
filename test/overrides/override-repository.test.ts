// The operator's lists pass their battery on the SQLite of Node.

import { openDatabase } from '../../src/platform/database-file.ts';
import { overridesBattery } from '../contract/overrides.ts';

overridesBattery('node:sqlite', async () => openDatabase(':memory:').database);
