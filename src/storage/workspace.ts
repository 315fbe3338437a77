// A workspace is a tenant: rows of one are invisible to the others.

/** The only workspace so far: no route or setting creates another. */
export const defaultWorkspace = 'default';
