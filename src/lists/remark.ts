// Tells remarks in the address column from texts that were meant as an address.

import { mayBeAddress } from '../tables/address-cell.ts';
import { meantAddress } from '../verdict/meant.ts';

/** A telephone number. */
const phoneText = /^\+?\(?\d[\d\s()./-]{5,}$/;

/**
 * Whether a text in the address column is something else than an address: a telephone number, or several words, such as `see
 * notes`, from which no address can be guessed.
 */
export const isRemark = (text: string): boolean =>
  !mayBeAddress(text) && (phoneText.test(text) || (/\S\s+\S/.test(text) && meantAddress(text) === null));
