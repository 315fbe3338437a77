// Recording delivery events, trust in returned messages and the webhooks about the list pass
// their batteries on D1.

import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { bounceTrustBattery } from '../contract/bounce-trust.ts';
import { changeWebhookBattery } from '../contract/change-webhook.ts';
import { feedbackBattery } from '../contract/feedback.ts';
import { freshD1 } from './fresh-d1.ts';

const start = async () => ({
  database: await freshD1(),
  hasher: await webCryptoHasher(addressHashKey('a key for tests that has 32 bytes')),
});

feedbackBattery('D1', start);
bounceTrustBattery('D1', start);
changeWebhookBattery('D1', start);
