// The repositories pass the batteries of their ports on the SQLite of Node.

import { openDatabase } from '../../src/platform/node.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { engagementBattery } from '../contract/engagement.ts';
import { erasureBattery } from '../contract/erasure.ts';
import { eventCountsBattery } from '../contract/event-counts.ts';
import { eventLogBattery } from '../contract/event-log.ts';
import { feedbackBattery } from '../contract/feedback.ts';
import { gateBattery } from '../contract/gate.ts';
import { hookCountsBattery } from '../contract/hook-counts.ts';
import { incidentsBattery } from '../contract/incidents.ts';
import { keysContract } from '../contract/keys.ts';
import { learningBattery } from '../contract/learning.ts';
import { overridesBattery } from '../contract/overrides.ts';
import { recordedBouncesBattery } from '../contract/recorded-bounces.ts';
import { reportsBattery } from '../contract/reports.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
const open = async () => openDatabase(':memory:').database;
const start = async () => ({ database: await open(), hasher });

engagementBattery('node:sqlite', start);
erasureBattery('node:sqlite', start);
eventCountsBattery('node:sqlite', open);
eventLogBattery('node:sqlite', start);
feedbackBattery('node:sqlite', start);
hookCountsBattery('node:sqlite', start);
gateBattery('node:sqlite', open);
incidentsBattery('node:sqlite', open);
keysContract(open);
learningBattery('node:sqlite', start);
overridesBattery('node:sqlite', open);
recordedBouncesBattery('node:sqlite', start);
reportsBattery('node:sqlite', start);
