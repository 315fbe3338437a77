// Keys and sessions over D1, in workerd, and verdict tokens signed with its WebCrypto.

import { webCryptoHasher } from '../../src/suppression/web-crypto-hasher.ts';
import { keysContract } from '../contract/keys.ts';
import { sessionsContract } from '../contract/sessions.ts';
import { verdictTokensContract } from '../contract/verdict-tokens.ts';
import { freshD1 } from './fresh-d1.ts';

keysContract(freshD1);

sessionsContract(freshD1);

verdictTokensContract(webCryptoHasher);
