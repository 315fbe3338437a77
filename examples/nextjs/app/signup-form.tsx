'use client';

import { EmailField } from 'presend/react';
import { useActionState } from 'react';
import { type SignupState, signup } from './actions';

const start: SignupState = { message: '', asked: null };

export function SignupForm() {
  const [{ message, asked }, action, isPending] = useActionState(signup, start);
  return (
    <form action={action}>
      <EmailField
        label="E-mail"
        name="email"
        endpoint={process.env.NEXT_PUBLIC_PRESEND_URL!}
        publishableKey={process.env.NEXT_PUBLIC_PRESEND_KEY!}
        defaultValue={asked ?? ''}
        required
      />
      <button type="submit" disabled={isPending}>
        Sign up
      </button>
      <output>{message}</output>
    </form>
  );
}
