// The widget's style. It is a constructed stylesheet, because a strict Content-Security-Policy forbids inline styles but allows
// these. All selectors use `:where`, so their specificity is zero and the page's own rules win.

const rules = `
:where(.presend){font-size:.875em;overflow-wrap:anywhere}
:where(.presend:not(:empty)){margin-block:.25em}
:where(.presend button){font:inherit;color:inherit;background:none;border:0;padding:0;min-height:24px;text-align:start;text-decoration:underline;cursor:pointer}
`;

let sheet: CSSStyleSheet | undefined;

/**
 * Adds the style to a document or shadow root, once. Does nothing in browsers without constructed stylesheets; messages then have
 * the page's own style.
 */
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
