// Runs test files for tools/mutate.ts. It is a separate process, which can be killed when tests hang.
//
// All runs share one Vitest, so a run transforms only the files that changed since the previous run. Receives
// `RunRequest`s and sends a `RunResult` for each, one at a time.

import { join, relative } from 'node:path';
import { createVitest } from 'vitest/node';

export interface RunRequest {
  /** Test files, relative to the checkout. */
  readonly tests: readonly string[];
  /** Files whose text may have changed since the previous run, relative to the checkout. */
  readonly changed: readonly string[];
}

export interface RunResult {
  readonly passed: boolean;
  /** The files and the tests that failed. */
  readonly failures: readonly string[];
  /** Milliseconds that each test file took. */
  readonly times: Readonly<Record<string, number>>;
}

const root = process.cwd();

const vitest = await createVitest('test', {
  config: join(root, 'vitest.mutate.config.ts'),
  watch: false,
  bail: 1,
  silent: true,
  reporters: [{}],
});
await vitest.standalone();

process.on('message', async (request: RunRequest) => process.send?.(await run(request)));
process.on('disconnect', () => process.exit());

async function run({ tests, changed }: RunRequest): Promise<RunResult> {
  for (const file of changed) vitest.invalidateFile(join(root, file));
  // Forget the failures of earlier runs. Otherwise `bail` would count them and stop this run.
  vitest.state.filesMap.clear();
  vitest.state.idMap.clear();
  vitest.state.errorsSet.clear();
  const wanted = new Set(tests.map((test) => join(root, test)));
  const specifications = await vitest.getRelevantTestSpecifications([...wanted]);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
    specifications.filter(({ moduleId }) => wanted.has(moduleId)),
  );
  const times = testModules.map((module): [string, number] => {
    const { collectDuration, duration } = module.diagnostic();
    return [relative(root, module.moduleId), collectDuration + duration];
  });
  const passed =
    unhandledErrors.length === 0 &&
    testModules.length === wanted.size &&
    testModules.every((module) => module.ok());
  const failures = testModules.flatMap((module) => {
    const path = relative(root, module.moduleId);
    const errors = module.errors().map(({ message }) => `${path}: ${message}`);
    return [
      ...errors,
      ...[...module.children.allTests('failed')].map((test) => `${path} > ${test.fullName}`),
    ];
  });
  return { passed, failures, times: Object.fromEntries(times) };
}
