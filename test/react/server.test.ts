// presend/react where there is no browser: it can be imported and rendered.

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;

test('the import touches no window, and EmailField renders its label, input and an empty status', () => {
  const code = `
    import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    import { EmailField } from './src/react/index.ts';
    process.stdout.write(renderToString(createElement(EmailField,
      { endpoint: 'https://presend.example.com', label: 'E-mail', id: 'email', className: 'wide', defaultValue: 'a@b.c' })));`;
  const html = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(html).toBe(
    '<label for="email">E-mail</label> <input autoComplete="email" id="email" class="wide" type="email" ' +
      'data-presend="off" aria-describedby="email-presend" name="email" value="a@b.c"/>' +
      '<div id="email-presend" class="presend" role="status"></div>',
  );
});
