// The buttons that copy the text before them.

import { all, part } from './page-elements.ts';

export function offerCopies(): void {
  for (const button of all<HTMLButtonElement>('[data-copy]')) {
    const text = button.previousElementSibling!;
    button.hidden = false;
    button.onclick = async () => {
      const isCopied = await copy(text);
      button.textContent = isCopied ? 'Copied' : 'Press Ctrl+C';
      part(document.body, '#spoken').textContent = isCopied ? 'Copied' : 'Not copied. Press Control and C.';
    };
  }
}

function copy(text: Element): Promise<boolean> | boolean {
  const selected = (): boolean => {
    getSelection()!.selectAllChildren(text);
    return document.execCommand('copy');
  };
  // Browsers have no clipboard on pages without TLS.
  const { clipboard } = navigator as { readonly clipboard?: Clipboard };
  return clipboard === undefined
    ? selected()
    : clipboard.writeText(text.textContent!).then(() => true, selected);
}
