// Alerts pass their battery on SQLite.

import { openDatabase } from '../../src/platform/database-file.ts';
import { alertsBattery } from '../contract/alerts.ts';

alertsBattery('SQLite', async () => openDatabase(':memory:').database);
