import manifest from '../package.json' with { type: 'json' };

/** presend's version; package.json is the only place that holds it. */
export const version: string = manifest.version;
