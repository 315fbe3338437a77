// Decodes A-labels (RFC 5891) to the Unicode labels that people see.

// Import the package by the path of its file. The name `punycode` alone means Node's deprecated module, and ES modules
// cannot import the directory `punycode/`.
import { decode } from 'punycode/punycode.es6.js';

/** The Unicode form of a lower-case label, or the label itself if it is not `xn--…`; null for invalid Punycode (RFC 3492). */
export const decodeLabel = (label: string): string | null => {
  if (!label.startsWith('xn--')) return label;
  try {
    return decode(label.slice('xn--'.length));
  } catch {
    return null;
  }
};
