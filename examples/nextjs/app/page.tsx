import { SignupForm } from './signup-form';

export default function Page() {
  return (
    <main>
      <h1>Sign up</h1>
      <SignupForm />
    </main>
  );
}
