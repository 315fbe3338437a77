// How each provider and CRM is connected: data/hook-steps.tsv.

import { hookSteps } from '../../../../data/packed/hook-steps.js';

export interface Vendor {
  /** The vendor's name as it writes it. */
  readonly title: string;
  readonly steps: readonly string[];
}

const vendors: ReadonlyMap<string, Vendor> = new Map(
  hookSteps.split('\n').map((line) => {
    const [hook = '', title = '', ...steps] = line.split('\t');
    return [hook, { title, steps }];
  }),
);

/** Returns how the hook `name` is connected. A hook without steps has its own name, and none. */
export const vendorOf = (name: string): Vendor => vendors.get(name) ?? { title: name, steps: [] };
