// The repositories pass the batteries of their ports on the SQLite of Node.

import { openDatabase } from '../../src/platform/database-file.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { auditBattery } from '../contract/audit.ts';
import { engagementBattery } from '../contract/engagement.ts';
import { erasureBattery } from '../contract/erasure.ts';
import { eventCountsBattery } from '../contract/event-counts.ts';
import { eventLogBattery } from '../contract/event-log.ts';
import { feedbackBattery } from '../contract/feedback.ts';
import { gateBattery } from '../contract/gate.ts';
import { hookCountsBattery } from '../contract/hook-counts.ts';
import { incidentsBattery } from '../contract/incidents.ts';
import { keysContract } from '../contract/keys.ts';
import { knownProofsBattery } from '../contract/known-proofs.ts';
import { learningBattery } from '../contract/learning.ts';
import { overridesBattery } from '../contract/overrides.ts';
import { pendingProofsBattery } from '../contract/pending-proofs.ts';
import { probesBattery } from '../contract/probes.ts';
import { recordedBouncesBattery } from '../contract/recorded-bounces.ts';
import { replyLimitsBattery } from '../contract/reply-limits.ts';
import { reportsBattery } from '../contract/reports.ts';
import { seenSelectorsBattery } from '../contract/seen-selectors.ts';
import { senderWatchBattery } from '../contract/sender-watch.ts';
import { sessionsContract } from '../contract/sessions.ts';

const hasher = nodeHasher(addressHashKey('a key for tests that has 32 bytes'));
const open = async () => openDatabase(':memory:').database;
const start = async () => ({ database: await open(), hasher });

auditBattery('node:sqlite', start);
engagementBattery('node:sqlite', start);
erasureBattery('node:sqlite', start);
eventCountsBattery('node:sqlite', open);
eventLogBattery('node:sqlite', start);
feedbackBattery('node:sqlite', start);
hookCountsBattery('node:sqlite', start);
gateBattery('node:sqlite', open);
incidentsBattery('node:sqlite', open);
keysContract(open);
knownProofsBattery('node:sqlite', start);
learningBattery('node:sqlite', start);
overridesBattery('node:sqlite', open);
pendingProofsBattery('node:sqlite', async () => ({
  ...(await start()),
  otherHasher: nodeHasher(addressHashKey('another key for tests of 32 bytes')),
}));
probesBattery('node:sqlite', open);
recordedBouncesBattery('node:sqlite', start);
replyLimitsBattery('node:sqlite', open);
reportsBattery('node:sqlite', start);
senderWatchBattery('node:sqlite', open);
sessionsContract(open);
seenSelectorsBattery('node:sqlite', start);
