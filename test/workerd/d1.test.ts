// D1, in workerd, passes the battery of the Database port.

import { env } from 'cloudflare:workers';
import { type D1Like, d1Database } from '../../src/storage/sqlite/d1.ts';
import { databaseBattery } from '../contract/database.ts';

databaseBattery('D1', async () => d1Database(env['DB'] as D1Like));
