// Renders a form into the page, or hydrates the one that the server rendered. The page says which in `data-form`.

import { createRoot, hydrateRoot } from 'react-dom/client';
import { attach } from '../../../src/widget/module.ts';
import { forms } from './forms.tsx';

declare global {
  /** What the form noted. */
  var notes: string[];
}

globalThis.notes = [];
const main = document.querySelector('main')!;
const { form = '', endpoint = '', widget } = main.dataset;
const Form = forms[form]!;
if (widget) attach(document, { endpoint: `${endpoint}/v1/validate`, timeout: 60_000 });
const element = <Form endpoint={endpoint} note={(what) => notes.push(what)} />;
if (main.hasChildNodes()) hydrateRoot(main, element);
else createRoot(main).render(element);
