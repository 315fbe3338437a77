// Pages of lists that are in memory as a whole.

import { html } from 'hono/html';
import type { Html } from '../docs-fields.ts';

export interface Sliced<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

/** Returns the page after the item with the id `cursor`, or the first one if there is no such item. */
export function sliceAfter<Item>(
  all: readonly Item[],
  idOf: (item: Item) => string,
  cursor: string | undefined,
  size: number,
): Sliced<Item> {
  const start = cursor === undefined ? 0 : all.findIndex((item) => idOf(item) === cursor) + 1;
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  return { items, next: start + size < all.length && last !== undefined ? idOf(last) : null };
}

/** The links to the first and the next page; nothing if there is only one page. `query` has the other parameters of the page. */
export function pageLinks(
  path: string,
  {
    next,
    isFirst,
    query = {},
  }: {
    readonly next: string | null;
    readonly isFirst: boolean;
    readonly query?: Readonly<Record<string, string>>;
  },
  names: { readonly first: string; readonly next: string },
): Html {
  const link = (cursor: string | null) => {
    const search = new URLSearchParams({ ...query, ...(cursor !== null && { cursor }) }).toString();
    return search === '' ? path : `${path}?${search}`;
  };
  return html`${next === null && isFirst ? '' : html`<p class="paging">${isFirst ? '' : html`<a href="${link(null)}">${names.first}</a> `}${next === null ? '' : html`<a href="${link(next)}">${names.next}</a>`}</p>`}`;
}
