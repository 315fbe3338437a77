// The battery of authenticity, on Node.

import { testAuthenticity } from './authenticity.ts';

testAuthenticity();
