// Decodes A-labels (RFC 5891) to the Unicode labels that people see.

// The file, since `punycode` alone is Node's deprecated module and `punycode/` is a directory, which ES modules cannot import.
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
