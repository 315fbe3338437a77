// A command that cannot be done as it was given: it was not understood, or its settings name what cannot be used.

/** Its message is shown with the usage; the exit status is 2. */
export class UsageError extends Error {}
