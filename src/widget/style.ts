// How the widget looks: a constructed stylesheet, which a strict Content-Security-Policy allows, without any
// specificity, so that every rule of the page's stands above it.

const rules = `
:where(.presend){font-size:.875em;overflow-wrap:anywhere}
:where(.presend:not(:empty)){margin-block:.25em}
:where(.presend button){font:inherit;color:inherit;background:none;border:0;padding:0;min-height:24px;text-align:start;text-decoration:underline;cursor:pointer}
`;

let sheet: CSSStyleSheet | undefined;

/** Browsers without constructed stylesheets show the same words in the page's own style. */
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
