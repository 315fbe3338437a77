// A command that was not understood.

/** Its message is shown with the usage; the exit status is 2. */
export class UsageError extends Error {}
