// `presend clean LIST -o RESULT --resume` as a process that keeps few addresses in memory. The others are in a temporary file.

import { noProgress } from '../../src/cli/clean-output.ts';
import { clean } from '../../src/cli/clean-run.ts';
import { openValidator } from '../../src/cli/open-validator.ts';
import { emptyDomainList } from '../../src/overrides/domain-lists.ts';

const [, , input = '', output = ''] = process.argv;
const { validator } = await openValidator(
  { allow: emptyDomainList, deny: emptyDomainList },
  { leastTimeoutMs: 5000, batchTimeoutMs: 60_000, maxKept: 3000 },
);
process.exitCode = await clean(
  {
    input,
    output,
    list: {},
    maxAgeDays: 90,
    writing: {},
    dropDuplicates: false,
    resume: true,
    json: true,
    patience: 60,
  },
  {
    validator,
    now: Date.now,
    progress: noProgress,
    say: (text) => process.stdout.write(text),
    warn: (text) => process.stderr.write(text),
    addressesInMemory: 700,
  },
);
