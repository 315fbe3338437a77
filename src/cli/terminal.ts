// Escapes text for the terminal, so that data cannot control it.

/** `text` with control and format characters replaced by U+FFFD. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
