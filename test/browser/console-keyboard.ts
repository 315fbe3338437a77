// How a person gets about in the console: by keyboard alone. And what is wrong with a page for those who do.

import axe from 'axe-core';
import type { Page } from 'playwright-core';

type Role = 'button' | 'textbox' | 'link' | 'checkbox' | 'combobox' | 'slider';

/** Presses Tab until the element with this role and name has the focus. */
export async function tabToControl(page: Page, role: Role, name: string | RegExp): Promise<void> {
  const target = page.getByRole(role, { name, exact: true });
  await target.waitFor();
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${role} ${name}`);
}

export async function pressControl(page: Page, role: 'button' | 'link', name: string | RegExp) {
  await tabToControl(page, role, name);
  await page.keyboard.press('Enter');
}

/** Opens a page of the console by its link in the navigation. */
export async function openArea(page: Page, name: string): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name, exact: true });
  for (let presses = 0; presses < 40; presses++) {
    if (await link.evaluate((element) => element === element.ownerDocument.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** What axe-core finds wrong, best practices included, and what is cut off at the right edge. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<import('axe-core').AxeResults>('axe.run()');
  const overflow = await page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  return [
    ...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 100)}`)),
    ...(overflow === 0 ? [] : [`${overflow} pixels too wide`]),
  ];
}
