// The script of the pages for lists: drops a file anywhere on the page, shows the progress of the upload, and moves the slider.
// Without JavaScript, forms do the same with a button.

export const listsScript = `
for (const form of document.querySelectorAll('[data-drop]')) {
  const [input, button, bar, text] = ['input[type=file]', 'button', 'progress', '[role=status]'].map((part) => form.querySelector(part));
  const over = (on) => document.documentElement.classList.toggle('over', on);
  const refused = document.createElement('p');
  refused.className = 'notice error';
  refused.setAttribute('role', 'alert');
  refused.hidden = true;
  form.before(refused);
  button.hidden = true;
  const refuse = (why) => {
    for (const before of document.querySelectorAll('main > .notice')) if (before !== refused) before.remove();
    refused.hidden = false;
    refused.textContent = why;
    bar.hidden = true;
    text.textContent = '';
    input.disabled = false;
    input.value = '';
    input.focus();
  };
  const upload = () => {
    const [file] = input.files;
    if (!file) return;
    if (file.size > form.dataset.most) return refuse('The file is larger than ' + Math.floor(form.dataset.most / 1e6) + ' MB. Split it.');
    const request = new XMLHttpRequest();
    request.open('POST', form.action);
    request.responseType = 'document';
    request.setRequestHeader('accept', 'text/html');
    request.upload.onprogress = ({ loaded, total }) => {
      bar.max = total;
      bar.value = loaded;
      text.textContent = loaded < total ? 'Uploaded ' + Math.round((loaded / total) * 100) + '%' : 'Reading the first rows…';
    };
    request.onload = () => {
      if (request.status < 400) return location.assign(request.responseURL);
      const why = request.response && request.response.querySelector('[role=alert]');
      refuse(why ? why.textContent : 'The upload was refused (status ' + request.status + '). Sign in again, or try again later.');
    };
    request.onerror = () => refuse('The connection was lost during the upload. Check your network, then choose the file again.');
    refused.hidden = true;
    bar.hidden = false;
    request.send(new FormData(form));
    input.disabled = true;
    text.textContent = 'Uploading ' + file.name;
  };
  input.addEventListener('change', upload);
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    over(true);
  });
  addEventListener('dragleave', (event) => { if (event.relatedTarget === null) over(false); });
  addEventListener('drop', (event) => {
    over(false);
    const [file] = event.dataTransfer.files;
    if (!file || input.disabled) return;
    event.preventDefault();
    const one = new DataTransfer();
    one.items.add(file);
    input.files = one.files;
    upload();
  });
}
for (const card of document.querySelectorAll('[data-goals]')) {
  const goals = JSON.parse(card.dataset.goals);
  const input = card.querySelector('[type=range]');
  const say = (name, text) => { card.querySelector('[data-say=' + name + ']').textContent = text; };
  const show = () => {
    const value = Number(input.value);
    const [below, keep, bounces, rate, left] = goals.reduce((a, b) => (Math.abs(b[0] - value) < Math.abs(a[0] - value) ? b : a));
    const percent = Number((below * 100).toFixed(2)) + '%';
    for (const button of card.querySelectorAll('button[name=format]')) button.disabled = keep === 0;
    say('below', percent);
    say('keep', keep.toLocaleString('en-US'));
    say('bounces', bounces.toLocaleString('en-US'));
    say('rate', rate);
    say('remove', keep === 0 ? 'No row is that safe. Choose a higher share, or add a column with the date of the last delivery, open or click.' : left === 0 ? 'No row that may be mailed is left out.'
      : left.toLocaleString('en-US') + (left === 1 ? ' row that may be mailed is' : ' rows that may be mailed are') + ' left out, the likeliest to bounce.');
    input.setAttribute('aria-valuetext', percent + ': ' + keep.toLocaleString('en-US') + ' rows to mail, ' + bounces.toLocaleString('en-US') + ' bounces');
  };
  input.addEventListener('input', show);
  show();
}
`;
