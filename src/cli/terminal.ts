// Text on its way to a terminal, which must not act on what somebody put into it.

/** `text` with control and format characters replaced by U+FFFD. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
