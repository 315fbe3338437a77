// Finds the links, images and visible text of an HTML part. Reads the HTML in one pass, so it takes linear time for any input.

export interface FoundLink {
  readonly url: string;
  /** What the reader sees; empty for an image and for plain text. */
  readonly text: string;
}

export interface HtmlContent {
  readonly links: readonly FoundLink[];
  readonly images: readonly string[];
  readonly imageCount: number;
  /** The visible text, at most `maxVisible` characters. */
  readonly text: string;
  /** Names of elements that mail programs remove and filters distrust. */
  readonly active: ReadonlySet<string>;
  /** Whether there were more links than are read. */
  readonly isCut: boolean;
}

const maxLinks = 2000;
const maxVisible = 65_536;
const maxLinkText = 300;
const maxTag = 16_384;

const activeElements = ['script', 'form', 'iframe', 'object', 'embed', 'applet', 'video', 'audio'];
/** Elements whose content is not markup, or is not shown. */
const opaque = ['script', 'style', 'title', 'textarea', 'noembed', 'noframes', 'xmp'];

export function readHtml(html: string): HtmlContent {
  const links: FoundLink[] = [];
  const images: string[] = [];
  const active = new Set<string>();
  // Lower only ASCII letters: `toLowerCase` can change the length of other texts.
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const words: string[] = [];
  let visible = 0;
  let imageCount = 0;
  let isCut = false;
  let anchor: { url: string; text: string } | null = null;
  const endAnchor = (): void => {
    if (anchor === null) return;
    if (links.length < maxLinks) links.push(anchor);
    else isCut = true;
    anchor = null;
  };
  const show = (piece: string): void => {
    if (piece === '') return;
    if (visible < maxVisible) {
      words.push(piece.slice(0, maxVisible - visible));
      visible += piece.length;
    }
    if (anchor !== null && anchor.text.length < maxLinkText) anchor.text += piece.slice(0, maxLinkText);
  };

  let at = 0;
  while (at < html.length) {
    const start = html.indexOf('<', at);
    if (start === -1) {
      show(html.slice(at));
      break;
    }
    show(html.slice(at, start));
    if (html.startsWith('<!--', start)) {
      const end = html.indexOf('-->', start + 4);
      if (end === -1) break;
      at = end + 3;
      continue;
    }
    if (!/[a-z/!?]/.test(lower[start + 1] ?? '')) {
      show('<');
      at = start + 1;
      continue;
    }
    const end = tagEnd(html, start + 1);
    // Browsers show neither a tag without an end nor the text after it (HTML, "eof-in-tag").
    if (end === -1) break;
    const name = /^\/?[a-z][a-z0-9]*/.exec(lower.slice(start + 1, Math.min(end, start + 32)))?.[0] ?? '';
    const tag = html.slice(start + 1, Math.min(end, start + maxTag));
    at = end + 1;
    if (name === 'a') {
      endAnchor();
      const url = attribute(tag, 'href');
      if (url !== null) anchor = { url, text: '' };
    } else if (name === '/a') endAnchor();
    else if (name === 'area') {
      const url = attribute(tag, 'href');
      if (url !== null && links.length < maxLinks) links.push({ url, text: '' });
    } else if (name === 'img') {
      imageCount++;
      const source = attribute(tag, 'src');
      if (source !== null && images.length < maxLinks) images.push(source);
    } else if (/^\/?(?:br|p|div|tr|td|li|h[1-6])$/.test(name)) show(' ');
    if (activeElements.includes(name)) active.add(name);
    if (opaque.includes(name)) {
      const close = lower.indexOf(`</${name}`, at);
      if (close === -1) break;
      at = close;
    }
  }
  endAnchor();
  return {
    links: links.map(({ url, text }) => ({ url, text: plain(text) })),
    images,
    imageCount,
    text: plain(words.join('')),
    active,
    isCut,
  };
}

/** The index of the `>` that ends a tag, with quoted values in between; -1 if there is none. */
function tagEnd(html: string, from: number): number {
  let at = from;
  while (at < html.length) {
    const code = html.charCodeAt(at);
    if (code === 0x3e) return at;
    // A quote begins a value only after "=".
    if ((code === 0x22 || code === 0x27) && /=\s*$/.test(html.slice(Math.max(from, at - 8), at))) {
      const close = html.indexOf(html[at]!, at + 1);
      if (close === -1) return -1;
      at = close;
    }
    at++;
  }
  return -1;
}

function attribute(tag: string, name: string): string | null {
  for (const [, found, double, single, bare] of tag.matchAll(
    /\s([a-z-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi,
  ))
    if (found!.toLowerCase() === name) return decodeEntities(double ?? single ?? bare!).trim();
  return null;
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  zwnj: '',
  zwj: '',
  shy: '',
};

const decodeEntities = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));?/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';
  });

/** The text with entities decoded, without invisible characters, and with single spaces. */
const plain = (text: string): string =>
  decodeEntities(text)
    .replace(/\u034f|[\u00ad\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/**
 * Removes the punctuation after an address at the end of a sentence. A regular expression with `+$` could take quadratic time.
 */
function withoutPunctuation(url: string): string {
  let end = url.length;
  while (end > 0 && '.,;:!?'.includes(url[end - 1]!)) end--;
  return url.slice(0, end);
}

/** The web addresses in plain text, at most `maxLinks`. */
export function linksInText(text: string): FoundLink[] {
  const links: FoundLink[] = [];
  for (const [url] of text.matchAll(/\bhttps?:\/\/[^\s\p{Cc}<>"'()[\]{}]{1,2000}/giu)) {
    if (links.length === maxLinks) break;
    links.push({ url: withoutPunctuation(url), text: '' });
  }
  return links;
}
