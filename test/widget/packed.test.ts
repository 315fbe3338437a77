// What is served of the widget is what its sources say, small, and typed.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readData } from '../../data/packer/tsv.ts';
import {
  consoleArtefact,
  docsPageArtefact,
  pageStylesArtefact,
  preflightPageArtefact,
  widgetArtefact,
} from '../../data/packer/widget.ts';
import { docsScript, widgetModule, widgetScript, widgetTypes } from '../../src/http/pages/widget-assets.ts';
import { emptyFolder } from '../cli/program.ts';

test('the packed form is what the sources give; else run npm run data', async () => {
  for (const { path, text } of [
    await widgetArtefact(),
    await docsPageArtefact(),
    await preflightPageArtefact(),
    await consoleArtefact(),
    await pageStylesArtefact(),
  ])
    expect(readData(path) === text, path).toBe(true);
});

test.each([
  ['/presend.js', widgetScript.text],
  ['/presend.mjs', widgetModule.text],
])('%s is at most 5 KB with gzip', (_, text) => {
  expect(gzipSync(text, { level: 9 }).length).toBeLessThanOrEqual(5120);
});

test('the widget and the page /docs write no HTML, no style attribute and no code', () => {
  for (const { text } of [widgetScript, widgetModule, docsScript])
    expect(text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.style\b/,
    );
});

describe('the types', () => {
  const compile = (code: string): string => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'presend.d.ts'), widgetTypes.text);
    writeFileSync(join(folder, 'page.ts'), code);
    const tsc = new URL('../../node_modules/typescript/bin/tsc', import.meta.url).pathname;
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', ''];
    try {
      return execFileSync(process.execPath, [tsc, ...options, 'page.ts'], { cwd: folder, encoding: 'utf8' });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  };

  test('stand alone, and know options, events and reasons', () => {
    const code = `
      import { attach, texts, type Policy } from './presend.js';
      const policy: Policy = { role_account: 'warn', dns_undetermined: 'allow' };
      const end: () => void = attach(document, { key: 'pk_1', policy });
      texts['eo'] = { ...texts.en, suggestion: 'Ĉu {}?' };
      document.body.addEventListener('presend:verdict', ({ detail }) => {
        const decision: 'allow' | 'warn' | 'block' = detail.decision;
        const suggestion: string | null = detail.verdict.did_you_mean;
      });
      window.presend?.attach();`;
    expect(compile(code)).toBe('');
  });

  test('refuse to block what could not be determined', () => {
    const code = `import type { Policy } from './presend.js';
      const policy: Policy = { dns_undetermined: 'block' };`;
    expect(compile(code)).toContain('\'"block"\' is not assignable');
  });
});
