// A sign-up that asks presend before it takes an address, and a webhook that presend calls when a list is done.

import express from 'express';
import { createClient, PresendError, PresendWebhookError, verifyWebhook } from 'presend/client';

const { PORT = '3000', PRESEND_URL, PRESEND_KEY, PRESEND_WEBHOOK_SECRET } = process.env;
const presend = createClient({ endpoint: PRESEND_URL, key: PRESEND_KEY, timeout: 3000, retries: 0 });
const app = express();

app.post('/signup', express.json(), express.urlencoded({ extended: false }), async (request, response) => {
  // JSON can hold anything: what is checked must be the text that is mailed.
  const email = String(request.body?.email ?? '');
  const verdict = await ask(email);
  const objection = objectionTo(verdict, request.body?.confirmed === email);
  if (objection !== null) {
    response.status(422).json(objection);
    return;
  }
  // Everybody gets the same answer, so that the form tells nobody who is on the suppression list.
  if (verdict?.action !== 'reject') sendConfirmation(email);
  response.status(202).json({ message: 'Check your inbox.' });
});

// The signature covers the body as it arrived, so it must not be parsed before.
app.post('/webhooks/presend', express.raw({ type: '*/*' }), async (request, response) => {
  try {
    const { id, type, data } = await verifyWebhook(request, PRESEND_WEBHOOK_SECRET);
    // presend may send a message twice: remember the ids for some days.
    console.log(id, type, data);
    response.sendStatus(204);
  } catch (error) {
    if (!(error instanceof PresendWebhookError)) throw error;
    response.sendStatus(401);
  }
});

/** The verdict on an address; null if presend does not answer, since a sign-up does not depend on it. */
async function ask(email) {
  try {
    return await presend.validate(email, { purpose: 'signup' });
  } catch (error) {
    if (!(error instanceof PresendError)) throw error;
    console.error(error.message);
    return null;
  }
}

/** What the form tells the person about the address; null to take it. `isConfirmed`: the person was asked and sent it again. */
function objectionTo(verdict, isConfirmed) {
  if (verdict === null || verdict.reason === 'suppressed') return null;
  const suggestion = verdict.did_you_mean;
  if (verdict.action === 'reject') return { error: 'We cannot send mail to this address.', suggestion };
  if (verdict.disposable) return { error: 'Please enter an address that you will keep.', suggestion };
  if (verdict.action === 'confirm' && !isConfirmed) return { error: 'Is this address right?', suggestion };
  return null;
}

function sendConfirmation(email) {
  console.log(`mail to ${email}`);
}

const server = app.listen(Number(PORT), () => {
  console.log(`listens on http://127.0.0.1:${server.address().port}`);
});
