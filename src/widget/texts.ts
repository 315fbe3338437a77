// The widget's texts, in every language that it supports.

import type { Texts } from './types.ts';

const names = ['suggestion', 'syntax', 'domain', 'temporary', 'denied', 'doubtful', 'checking'] as const;

/** The texts of each language in the order of `names`, separated by `|`. This form keeps the widget's file small. */
const packed = {
  en: 'Did you mean {}?|This address is not valid.|This domain accepts no email.|This looks like a temporary address.|Please use another address.|Email may not arrive.|Checking…',
  de: 'Meinten Sie {}?|Diese Adresse ist nicht gültig.|Diese Domain nimmt keine E-Mails an.|Das ist wohl eine Wegwerfadresse.|Bitte eine andere Adresse.|E-Mails kommen vielleicht nicht an.|Wird geprüft …',
  fr: 'Vouliez-vous dire {} ?|Cette adresse n’est pas valide.|Ce domaine ne reçoit pas d’e-mails.|Adresse sans doute temporaire.|Utilisez une autre adresse.|Les e-mails risquent de ne pas arriver.|Vérification…',
  es: '¿Quiso decir {}?|Esta dirección no es válida.|Este dominio no recibe correo.|Esta dirección parece temporal.|Use otra dirección.|Quizá el correo no llegue.|Comprobando…',
  pt: 'Quis dizer {}?|Este endereço não é válido.|Este domínio não recebe e-mails.|Este endereço parece temporário.|Use outro endereço.|Os e-mails podem não chegar.|A verificar…',
  it: 'Intendeva {}?|Questo indirizzo non è valido.|Questo dominio non riceve email.|Questo indirizzo sembra temporaneo.|Usi un altro indirizzo.|Le email potrebbero non arrivare.|Verifica…',
  nl: 'Bedoelde u {}?|Dit adres is niet geldig.|Dit domein ontvangt geen e-mail.|Dit lijkt een tijdelijk adres.|Gebruik een ander adres.|E-mail komt misschien niet aan.|Controleren…',
  pl: 'Czy chodziło o {}?|Ten adres nie jest poprawny.|Ta domena nie przyjmuje poczty.|To wygląda na adres tymczasowy.|Podaj inny adres.|Poczta może nie dotrzeć.|Sprawdzanie…',
  ja: '{} ではありませんか？|このアドレスは正しくありません。|このドメインではメールを受信できません。|一時的なアドレスのようです。|別のアドレスをご利用ください。|メールが届かない可能性があります。|確認中…',
};

export const texts: { [language: string]: Texts } & { en: Texts } = Object.fromEntries(
  Object.entries(packed).map(([language, line]) => {
    const words = line.split('|');
    return [language, Object.fromEntries(names.map((name, at) => [name, words[at]]))];
  }),
) as never;
