// An invalid command line or an unusable setting.

/** Its message is shown with the usage; the exit status is 2. */
export class UsageError extends Error {}
