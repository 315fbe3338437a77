import { EmailField } from 'presend/react';
import { type FormEvent, useState } from 'react';

const { VITE_PRESEND_URL, VITE_PRESEND_KEY } = import.meta.env;

export function Signup() {
  const [message, setMessage] = useState('');
  const [asked, setAsked] = useState('');

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const email = String(form.get('email'));
    const response = await fetch('/signup', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // The server asks once whether a doubtful address is right. Sending it again confirms it.
      body: JSON.stringify({ email, confirmed: asked }),
    });
    const { message, error } = await response.json();
    setAsked(email);
    setMessage(message ?? error);
  }

  return (
    <main>
      <h1>Sign up</h1>
      <form onSubmit={send}>
        <EmailField
          label="E-mail"
          name="email"
          endpoint={VITE_PRESEND_URL}
          publishableKey={VITE_PRESEND_KEY}
          required
        />
        <button type="submit">Sign up</button>
      </form>
      <output>{message}</output>
    </main>
  );
}
