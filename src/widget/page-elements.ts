// Helpers of our own pages: elements by their ids, and new elements.

export const byId = <Type extends HTMLElement>(id: string): Type => document.getElementById(id) as Type;

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
