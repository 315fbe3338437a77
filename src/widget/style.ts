// The widget's style: a constructed stylesheet, which a strict Content-Security-Policy allows. Its specificity is zero, so
// the page's rules win.

const rules = `
:where(.presend){font-size:.875em;overflow-wrap:anywhere}
:where(.presend:not(:empty)){margin-block:.25em}
:where(.presend button){font:inherit;color:inherit;background:none;border:0;padding:0;min-height:24px;text-align:start;text-decoration:underline;cursor:pointer}
`;

let sheet: CSSStyleSheet | undefined;

/** Browsers without constructed stylesheets show the messages in the page's style. */
export function adoptStyle(root: DocumentOrShadowRoot): void {
  try {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(rules);
    }
    if (!root.adoptedStyleSheets.includes(sheet))
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {}
}
