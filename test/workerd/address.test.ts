// The parser leans on the URL of its runtime for UTS 46: the same battery as on Node.

import '../address/parse.test.ts';
import '../address/clean.test.ts';
