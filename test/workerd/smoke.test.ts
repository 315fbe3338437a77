import { exports } from 'cloudflare:workers';
import { expect, test } from 'vitest';

test('the worker answers', async () => {
  const response = await exports.default.fetch('http://presend.example/');
  expect(await response.text()).toBe('presend');
});
