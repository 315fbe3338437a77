// The battery of authenticity, on workerd's WebCrypto.

import { testAuthenticity } from '../esp/authenticity.ts';

testAuthenticity();
