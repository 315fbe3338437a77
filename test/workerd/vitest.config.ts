import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { installedSet } from '../../tools/on-demand/install.js';
import { espSecret } from '../contract/esp-secret.ts';
import { startDohServer } from '../dns/doh-server.ts';
import { zone } from '../http/zone.ts';
import { endlessZone } from './endless-zone.ts';

const root = new URL('../..', import.meta.url).pathname;

const plugin = join(await installedSet('workers'), '@cloudflare/vitest-plugin/dist/pool/index.mjs');
const { cloudflareTest, readD1Migrations } = await import(plugin);

// What the service in workerd asks. It must not keep the test run from ending.
const doh = await startDohServer(endlessZone(zone));
doh.unref();

export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: `${root}wrangler.toml` },
      miniflare: {
        // What wrangler.toml has as an example.
        email: { send_email: [{ name: 'EMAIL', allowed_sender_addresses: ['presend@example.com'] }] },
        bindings: {
          TEST_MIGRATIONS: await readD1Migrations(`${root}migrations`),
          DOH_URLS: doh.url,
          ADDRESS_HASH_KEY: 'a key for tests that has 32 bytes',
          KEYLESS: 'loopback',
          MAX_UPLOAD_MB: '1',
          CALLBACK_SECRET: `whsec_${btoa('a secret of the tests, thirty-two')}`,
          ESP_POSTMARK_SHARED_SECRETS: espSecret,
        },
      },
    }),
  ],
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    name: 'workerd',
    include: ['./**/*.test.ts'],
    globalSetup: ['./dns-server.setup.ts', './prober.setup.ts'],
  },
});
