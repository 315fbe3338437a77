// Describes failures of the operating system, such as a full disk or a missing permission.

import { getSystemErrorMessage } from 'node:util';

/** Exit status of a command that a failure of the operating system stopped. */
export const systemErrorStatus = 5;

/** Whether the error comes from a failed system call, and not from a mistake in the program. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'errno' in error;

/** What a person can do about the most common failures. */
const wayOut: Readonly<Record<string, string>> = {
  ENOENT: 'Check the name; its folder must exist.',
  EEXIST: 'Choose another name.',
  ENOTDIR: 'Check the path: one of its folders is a file.',
  EISDIR: 'This is a folder: name a file in it.',
  EACCES: 'Check the permissions.',
  EPERM: 'Check the permissions.',
  EROFS: 'Choose a folder that can be written.',
  ENOSPC: 'Free some space.',
  EMFILE: 'Raise the limit of open files: ulimit -n.',
};

/** For example "result.csv: no space left on device (ENOSPC). Free some space." */
export function describeSystemError({ path, errno, code, message }: NodeJS.ErrnoException): string {
  const words = errno === undefined ? message : getSystemErrorMessage(errno);
  const advice = code !== undefined && Object.hasOwn(wayOut, code) ? `. ${wayOut[code]}` : '';
  return `${path === undefined ? '' : `${path}: `}${words}${code === undefined ? '' : ` (${code})`}${advice}`;
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
