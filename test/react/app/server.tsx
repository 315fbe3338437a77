// The same form as a server renders it.

import { renderToString } from 'react-dom/server';
import { forms } from './forms.tsx';

export function rendered(form: string, endpoint: string): string {
  const Form = forms[form]!;
  return renderToString(<Form endpoint={endpoint} note={() => {}} />);
}
