// How a person gets about in the console: by keyboard alone. And what is wrong with a page for those who do.

import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';

type Role = 'button' | 'textbox' | 'link' | 'checkbox' | 'combobox' | 'slider';

/** Presses Tab until the element with this role and name has the focus. */
export const tabToControl = (page: Page, role: Role, name: string | RegExp): Promise<void> =>
  tabTo(page, page.getByRole(role, { name, exact: true }), `${role} ${name}`);

async function tabTo(page: Page, target: Locator, what: string): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${what}`);
}

export async function pressControl(page: Page, role: 'button' | 'link', name: string | RegExp) {
  await tabToControl(page, role, name);
  await page.keyboard.press('Enter');
}

/** Enters a text into a field. */
export async function enterText(page: Page, field: string, text: string) {
  await tabToControl(page, 'textbox', field);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

/** Enters a minute into a field, part by part as a browser in English has them. */
export async function enterMinute(page: Page, field: string, time: Date) {
  const two = (part: number) => String(part).padStart(2, '0');
  await tabTo(page, page.getByLabel(field, { exact: true }), field);
  const hours = time.getUTCHours();
  await page.keyboard.type(
    `${two(time.getUTCMonth() + 1)}${two(time.getUTCDate())}${time.getUTCFullYear()}${two(hours % 12 || 12)}${two(time.getUTCMinutes())}${hours < 12 ? 'AM' : 'PM'}`,
  );
}

/** Opens the dialog of a field for a file, and chooses the file in it. */
export async function chooseFile(
  page: Page,
  field: RegExp,
  file: { name: string; mimeType?: string; text: string },
) {
  const open = async () => {
    await tabTo(page, page.getByLabel(field), String(field));
    await page.keyboard.press('Space');
  };
  // The driver needs some moments until it gets the dialogs, so it is asked before the way to the field.
  const [dialog] = await Promise.all([page.waitForEvent('filechooser'), open()]);
  const { name, mimeType = 'text/csv', text } = file;
  await dialog.setFiles({ name, mimeType, buffer: Buffer.from(text) });
}

/** Opens a page of the console by its link in the navigation. */
export async function openArea(page: Page, name: string): Promise<void> {
  const link = page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name, exact: true });
  await tabTo(page, link, `the page ${name}`);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Opens or closes what a summary hides. */
export async function pressSummary(page: Page, name: string): Promise<void> {
  await tabTo(page, page.locator('summary', { hasText: name }), `the summary ${name}`);
  await page.keyboard.press('Enter');
}

/** What axe-core finds wrong, best practices included, and what is cut off at the right edge. */
export async function faultsOf(page: Page): Promise<string[]> {
  // What the parser has read is in the page before its style is.
  await page.waitForLoadState();
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
