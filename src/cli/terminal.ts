// Escapes text for the terminal. Otherwise control characters in data could change what it shows.

/** `text` with control and format characters replaced by U+FFFD. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
