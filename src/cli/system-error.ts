// Describes failures of the operating system, such as a full disk or a missing permission.

import { getSystemErrorMessage } from 'node:util';

/** Exit status of a command that a failure of the operating system stopped. */
export const systemErrorStatus = 5;

/** Whether the error comes from a failed system call, and not from a mistake in the program. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'errno' in error;

/** For example "result.csv: no space left on device (ENOSPC)". */
export function describeSystemError({ path, errno, code, message }: NodeJS.ErrnoException): string {
  const words = errno === undefined ? message : getSystemErrorMessage(errno);
  return `${path === undefined ? '' : `${path}: `}${words}${code === undefined ? '' : ` (${code})`}`;
}

/** Runs `work`. If a system error has no path, as for calls with a file descriptor, adds `path` to it. */
export function withPath<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isSystemError(error)) error.path ??= path;
    throw error;
  }
}
