// The error for an invalid command line or an unusable setting.

/** The command line prints the message and exits with status 2. */
export class UsageError extends Error {}
