// A sign-up that asks presend before it takes an address, and a webhook that presend calls when a list is done.

import { Hono } from 'hono';
import { createClient, PresendError, PresendWebhookError, type Verdict, verifyWebhook } from 'presend/client';

interface Bindings {
  PRESEND_URL: string;
  PRESEND_KEY: string;
  PRESEND_WEBHOOK_SECRET: string;
}

const app = new Hono<{ Bindings: Bindings }>();

app.post('/signup', async (c) => {
  // JSON can hold anything: what is checked must be the text that is mailed.
  const body = await c.req.json<{ email?: unknown; confirmed?: unknown } | null>();
  const email = String(body?.email ?? '');
  const verdict = await ask(c.env, email);
  const objection = objectionTo(verdict, body?.confirmed === email);
  if (objection !== null) return c.json(objection, 422);
  // Everybody gets the same answer, so that the form tells nobody who is on the suppression list.
  if (verdict?.action !== 'reject') sendConfirmation(email);
  return c.json({ message: 'Check your inbox.' }, 202);
});

app.post('/webhooks/presend', async (c) => {
  try {
    const { id, type, data } = await verifyWebhook(c.req.raw, c.env.PRESEND_WEBHOOK_SECRET);
    // presend may send a message twice: remember the ids for some days.
    console.log(id, type, JSON.stringify(data));
    return c.body(null, 204);
  } catch (error) {
    if (!(error instanceof PresendWebhookError)) throw error;
    return c.body(null, 401);
  }
});

/** The verdict on an address; null if presend does not answer, since a sign-up does not depend on it. */
async function ask({ PRESEND_URL, PRESEND_KEY }: Bindings, email: string): Promise<Verdict | null> {
  try {
    const presend = createClient({ endpoint: PRESEND_URL, key: PRESEND_KEY, timeout: 3000, retries: 0 });
    return await presend.validate(email, { purpose: 'signup' });
  } catch (error) {
    if (!(error instanceof PresendError)) throw error;
    console.error(error.message);
    return null;
  }
}

/** What the form tells the person about the address; null to take it. `isConfirmed`: the person was asked and sent it again. */
function objectionTo(verdict: Verdict | null, isConfirmed: boolean) {
  if (verdict === null || verdict.reason === 'suppressed') return null;
  const suggestion = verdict.did_you_mean;
  if (verdict.action === 'reject') return { error: 'We cannot send mail to this address.', suggestion };
  if (verdict.disposable) return { error: 'Please enter an address that you will keep.', suggestion };
  if (verdict.action === 'confirm' && !isConfirmed) return { error: 'Is this address right?', suggestion };
  return null;
}

function sendConfirmation(email: string): void {
  console.log(`mail to ${email}`);
}

export default app;
