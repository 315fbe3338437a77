// Failures that a person can do something about: one line for people and, with --json, a document for programs.

import { UsageError } from '../platform/usage-error.ts';

/** Invalid settings in the environment. */
export class SettingsError extends UsageError {}

/** Thrown by a command to end with a message and an exit status that is not 0. */
export class CommandFailure extends Error {
  /** Names the kind of failure for programs, such as `not_found`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 1) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** What `--json` prints about a failure: `{"error":{"code":"usage","message":"…"}}` and a line break. */
export const failureJson = (code: string, message: string): string =>
  `${JSON.stringify({ error: { code, message } })}\n`;
