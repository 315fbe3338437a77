// Runs `presend clean` on one list after another in one process, which keeps its cached DNS answers.

import { noProgress } from '../../src/cli/clean-output.ts';
import { clean } from '../../src/cli/clean-run.ts';
import { fetchTransport } from '../../src/dns/transport/fetch.ts';
import { createHttp2Transport } from '../../src/dns/transport/http2.ts';
import { createValidator } from '../../src/index.ts';
import { secondsOf } from '../figures.ts';
import { answerWith } from '../programs.ts';

export interface Copy {
  readonly from: string;
  readonly to: string;
}

const validator = createValidator({
  dohUrls: [process.argv[2]!],
  timeoutMs: 5000,
  batchTimeoutMs: 86_400_000,
  transport: createHttp2Transport(fetchTransport(fetch)),
});

answerWith(({ from, to }: Copy) =>
  secondsOf(async () => {
    const status = await clean(
      {
        input: from,
        output: to,
        list: {},
        maxAgeDays: 90,
        writing: {},
        dropDuplicates: false,
        resume: false,
        json: true,
        patience: 60,
      },
      { validator, now: Date.now, progress: noProgress, say: () => {}, warn: console.error },
    );
    if (status !== 0) throw new Error(`the list ended with ${status}`);
  }),
);
