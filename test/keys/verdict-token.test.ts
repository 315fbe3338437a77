// Verdict tokens on Node.

import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { verdictTokensContract } from '../contract/verdict-tokens.ts';

verdictTokensContract(nodeHasher);
