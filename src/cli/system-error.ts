// Failures of the operating system, such as a full disk or a missing permission, in words.

import { getSystemErrorMessage } from 'node:util';

/** The exit status after such a failure. */
export const systemErrorStatus = 5;

/** Whether a system call failed, rather than the program. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'errno' in error;

/** For example "result.csv: no space left on device (ENOSPC)". */
export function describeSystemError({ path, errno, code, message }: NodeJS.ErrnoException): string {
  const words = errno === undefined ? message : getSystemErrorMessage(errno);
  return `${path === undefined ? '' : `${path}: `}${words}${code === undefined ? '' : ` (${code})`}`;
}

/** Runs `work` and adds `path` to system errors from file descriptors, which lack it. */
export function withPath<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isSystemError(error)) error.path ??= path;
    throw error;
  }
}
