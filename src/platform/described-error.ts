// Errors as the log has them.

import { storageFault } from '../storage/storage-fault.ts';

const codeOf = (error: Error): object => {
  const code = storageFault(error)?.code ?? (error as NodeJS.ErrnoException).code;
  return code === undefined ? {} : { code };
};

/**
 * Describes an error in the log by name, code and location. Its message is left out, because it may contain data of a
 * caller.
 */
export const describedError = (error: unknown): object =>
  error instanceof Error
    ? {
        error: error.name,
        ...codeOf(error),
        at: error.stack
          ?.split('\n')
          .find((line) => line.startsWith('    at '))
          ?.trim(),
      }
    : { error: typeof error };
