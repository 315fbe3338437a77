// No repository reaches into another workspace, on the SQLite of Node.

import { openDatabase } from '../../src/platform/database-file.ts';
import { workspaceIsolationBattery } from '../contract/workspace-isolation.ts';

workspaceIsolationBattery('node:sqlite', async () => openDatabase(':memory:').database);
