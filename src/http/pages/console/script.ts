// The only script of the console: it copies texts, shows that a form is at work, shows the progress of a list, and loads its
// page again when the list is verified. Without JavaScript, texts are selected by hand and a link loads the page.

export const consoleScript = `'use strict';
const section = document.querySelector('[data-events]');
if (section) {
  const [bar, text] = [section.querySelector('progress'), section.querySelector('[role=status]')];
  const rows = (count) => count.toLocaleString('en-US');
  const source = new EventSource(section.dataset.events);
  const again = () => { source.close(); location.reload(); };
  const shown = section.dataset.state;
  source.addEventListener('progress', (event) => {
    const job = JSON.parse(event.data);
    if (job.state !== shown && !(shown === 'queued' && job.state === 'verifying')) return again();
    if (job.rows !== null) { bar.max = job.rows || 1; bar.value = job.rows_done; }
    const left = job.seconds_left === null ? '' : job.seconds_left < 90
      ? ', about ' + Math.max(1, job.seconds_left) + ' seconds left'
      : ', about ' + Math.round(job.seconds_left / 60) + ' minutes left';
    text.textContent = rows(job.rows_done) + (job.rows === null ? '' : ' of ' + rows(job.rows)) + ' rows checked' + left + '.';
  });
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED) text.textContent = 'The connection is lost. The check goes on, and this page tries to connect again.';
  });
  for (const end of ['completed', 'failed', 'cancelled', 'deleted']) source.addEventListener(end, again);
}
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const text = button.previousElementSibling;
    const copied = () => {
      getSelection().selectAllChildren(text);
      return document.execCommand('copy');
    };
    // Browsers have no clipboard on pages without TLS.
    const done = navigator.clipboard
      ? await navigator.clipboard.writeText(text.textContent).then(() => true, copied)
      : copied();
    button.textContent = done ? 'Copied' : 'Press Ctrl+C';
    document.getElementById('spoken').textContent = done ? 'Copied' : 'Not copied. Press Control and C.';
  });
}
for (const button of document.querySelectorAll('[data-busy]'))
  button.form.addEventListener('submit', () => {
    button.textContent = button.dataset.busy;
    button.setAttribute('aria-busy', 'true');
    // Not disabled before the form is sent: a second click would send it again.
    setTimeout(() => { button.disabled = true; });
  });
`;
