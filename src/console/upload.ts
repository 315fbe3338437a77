// Lists are uploaded as soon as they are chosen or dropped anywhere on the page, with their progress.

import { all, messageBefore, part, tell } from './page-elements.ts';

export function takeLists(): void {
  for (const form of all<HTMLFormElement>('[data-drop]')) takeListsOf(form);
}

function takeListsOf(form: HTMLFormElement): void {
  const input = part<HTMLInputElement>(form, 'input[type=file]');
  const bar = part<HTMLProgressElement>(form, 'progress');
  const text = part(form, '[role=status]');
  const message = messageBefore(form);
  part(form, 'button').hidden = true;

  const refuse = (why: string): void => {
    for (const earlier of all('main > .notice:not([data-live])')) earlier.hidden = true;
    tell(message, why);
    bar.hidden = true;
    text.textContent = '';
    input.disabled = false;
    input.value = '';
    input.focus();
  };

  const upload = (): void => {
    const file = input.files![0];
    if (file === undefined) return;
    const most = Number(form.dataset['most']);
    if (file.size > most) {
      refuse(`The file is larger than ${Math.floor(most / 1e6)} MB. Split it.`);
      return;
    }
    // Only XMLHttpRequest tells the progress of an upload.
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.responseType = 'document';
    request.setRequestHeader('accept', 'text/html');
    request.upload.onprogress = ({ loaded, total }) => {
      bar.max = total;
      bar.value = loaded;
      text.textContent =
        loaded < total ? `Uploaded ${Math.round((loaded / total) * 100)}%` : 'Reading the first rows…';
    };
    request.onload = () => {
      if (request.status < 400) {
        location.assign(request.responseURL);
        return;
      }
      const page = request.response as Document | null;
      refuse(
        page?.querySelector('[role=alert]')?.textContent ??
          `The upload was refused (status ${request.status}). Sign in again, or try again later.`,
      );
    };
    request.onerror = () =>
      refuse('The connection was lost during the upload. Check your network, then choose the file again.');
    message.hidden = true;
    bar.hidden = false;
    request.send(new FormData(form));
    input.disabled = true;
    text.textContent = `Uploading ${file.name}`;
  };

  input.onchange = upload;
  takeDrops(input, upload);
}

function takeDrops(input: HTMLInputElement, upload: () => void): void {
  const mark = (isOver: boolean) => document.documentElement.classList.toggle('over', isOver);
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    mark(true);
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) mark(false);
  });
  addEventListener('drop', (event) => {
    mark(false);
    const file = event.dataTransfer?.files[0];
    if (file === undefined || input.disabled) return;
    event.preventDefault();
    const one = new DataTransfer();
    one.items.add(file);
    input.files = one.files;
    upload();
  });
}
