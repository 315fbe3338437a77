// Makes text safe to print. Control characters in untrusted text could change what the terminal shows.

/** `text` with control and format characters replaced by U+FFFD. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
