// Forms of a site that are made with presend/react.

import { type FormEvent, type ReactElement, StrictMode, useState } from 'react';
import { EmailField, useEmailVerdict } from '../../../src/react/index.ts';

interface FormProps {
  readonly endpoint: string;
  /** What the page noted: submits that its own listener saw, verdicts, states of the hook. */
  readonly note: (what: string) => void;
}

function Uncontrolled({ endpoint, note }: FormProps): ReactElement {
  return (
    <form action="/join" method="post">
      <EmailField
        endpoint={endpoint}
        label="E-mail"
        required
        aria-describedby="hint"
        timeout={60_000}
        onVerdict={(verdict, decision) => note(`${verdict?.reason ?? 'none'}: ${decision}`)}
      />
      <p id="hint">We write seldom.</p>
      <button type="submit">Join</button>
      <button type="reset">Reset</button>
    </form>
  );
}

function Strict(props: FormProps): ReactElement {
  return (
    <StrictMode>
      <Uncontrolled {...props} />
    </StrictMode>
  );
}

/** The page's own label, state and listener; the input can be removed. */
function Controlled({ endpoint, note }: FormProps): ReactElement {
  const [isShown, setShown] = useState(true);
  const [email, setEmail] = useState('');
  return (
    <StrictMode>
      <form action="/join" method="post" onSubmit={() => note(`submit ${email}`)}>
        <label htmlFor="email">E-mail</label>
        {isShown && (
          <EmailField
            id="email"
            endpoint={endpoint}
            value={email}
            timeout={60_000}
            policy={{ role_account: 'warn' }}
            texts={{ role_account: 'Personal addresses only.' }}
            tokenName="token"
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
        <button type="submit">Join</button>
        <button type="button" onClick={() => setShown(!isShown)}>
          Toggle
        </button>
        <button type="button" onClick={() => setEmail('jane@no-mail-please.org')}>
          Fill
        </button>
      </form>
    </StrictMode>
  );
}

/** A form with its own input, which uses the hook. */
function Hooked({ endpoint, note }: FormProps): ReactElement {
  const [email, setEmail] = useState('');
  const [isOn, setOn] = useState(true);
  const { check, verdict, ...state } = useEmailVerdict(email, {
    endpoint,
    enabled: isOn,
    debounce: 10,
    timeout: 60_000,
  });
  async function send(event: FormEvent) {
    event.preventDefault();
    note(`submit ${await check()}`);
  }
  return (
    <StrictMode>
      <form onSubmit={send} noValidate>
        <label htmlFor="email">E-mail</label>
        <input id="email" type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
        <output>{JSON.stringify({ ...state, reason: verdict?.reason })}</output>
        <button type="submit">Join</button>
        <button type="button" onClick={() => setOn(!isOn)}>
          Switch
        </button>
      </form>
    </StrictMode>
  );
}

export const forms: Readonly<Record<string, (props: FormProps) => ReactElement>> = {
  Uncontrolled,
  Strict,
  Controlled,
  Hooked,
};
