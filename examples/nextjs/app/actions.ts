'use server';

import { createClient, PresendError, type Verdict } from 'presend/client';

const presend = createClient({
  endpoint: process.env.PRESEND_URL!,
  key: process.env.PRESEND_KEY!,
  timeout: 3000,
  retries: 0,
});

export interface SignupState {
  readonly message: string;
  /** The address that the person was asked about. Sending it again confirms it. */
  readonly asked: string | null;
}

/** Asks presend again: a browser can send anything, and only the secret key sees the suppression list. */
export async function signup(previous: SignupState, form: FormData): Promise<SignupState> {
  const email = String(form.get('email') ?? '').trim();
  const verdict = await ask(email);
  const objection = objectionTo(verdict, previous.asked === email);
  if (objection !== null) return { message: objection, asked: email };
  // Everybody gets the same answer, so that the form tells nobody who is on the suppression list.
  if (verdict?.action !== 'reject') await sendConfirmation(email);
  return { message: 'Check your inbox.', asked: null };
}

/** The verdict on an address; null if presend does not answer, since a sign-up does not depend on it. */
async function ask(email: string): Promise<Verdict | null> {
  try {
    return await presend.validate(email, { purpose: 'signup' });
  } catch (error) {
    if (!(error instanceof PresendError)) throw error;
    console.error(error.message);
    return null;
  }
}

/** What the form tells the person about the address; null to take it. `isConfirmed`: the person was asked and sent it again. */
function objectionTo(verdict: Verdict | null, isConfirmed: boolean): string | null {
  if (verdict === null || verdict.reason === 'suppressed') return null;
  if (verdict.action === 'reject') return 'We cannot send mail to this address.';
  if (verdict.disposable) return 'Please enter an address that you will keep.';
  if (verdict.action === 'accept' || verdict.action === 'retry' || isConfirmed) return null;
  const question = verdict.did_you_mean ? `Did you mean ${verdict.did_you_mean}?` : 'Is this address right?';
  return `${question} If your address is right, send the form again.`;
}

async function sendConfirmation(email: string): Promise<void> {
  console.log(`mail to ${email}`);
}
