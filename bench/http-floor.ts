// The floor for bench/http.ts, that is, the least that a service must do: a Hono route that reads JSON and returns
// JSON.

import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono().post('/v1/validate', async (c) => {
  const { email } = await c.req.json<{ email: string }>();
  return c.json({ email });
});
const server = createAdaptorServer({ fetch: app.fetch });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object')
    console.log(`listens on http://127.0.0.1:${address.port}`);
});
