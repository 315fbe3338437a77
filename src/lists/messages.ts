// A verdict as a sentence for people who work with lists, in the languages that the widget has.

import type { PolicyOutcome } from '../verdict/policy.ts';
import type { Reason } from '../verdict/verdict.ts';

export const messageLanguages = ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', 'pl', 'ja'] as const;
export type MessageLanguage = (typeof messageLanguages)[number];

const kinds = [
  'fine',
  'syntax',
  'misspelled',
  'noMail',
  'closed',
  'bounced',
  'unsubscribed',
  'denied',
  'temporary',
  'role',
  'doubtful',
  'again',
] as const;
type Kind = (typeof kinds)[number];

/**
 * The sentences of each language, in the order of `kinds`. English is not here: `messageOf` takes it from the
 * verdict.
 */
const sentences: Readonly<Record<Exclude<MessageLanguage, 'en'>, readonly string[]>> = {
  de: [
    'Kein Hindernis bekannt.',
    'Das ist keine E-Mail-Adresse.',
    'Die Domain ist vermutlich falsch geschrieben.',
    'Diese Domain nimmt keine E-Mails an.',
    'Den Anbieter dieses Postfachs gibt es nicht mehr.',
    'E-Mails an diese Adresse kamen zurück: nicht anschreiben.',
    'Die Person möchte keine E-Mails: nicht anschreiben.',
    'Adressen dieser Domain werden hier nicht angenommen.',
    'Das ist eine Wegwerfadresse.',
    'Die Adresse gehört zu einer Funktion, nicht zu einer Person.',
    'E-Mails kommen dort vielleicht nicht an.',
    'Die Adresse konnte gerade nicht geprüft werden: später noch einmal prüfen.',
  ],
  fr: [
    'Aucun obstacle connu.',
    'Ce n’est pas une adresse e-mail.',
    'Le domaine semble mal orthographié.',
    'Ce domaine ne reçoit pas d’e-mails.',
    'Le fournisseur de cette boîte a fermé.',
    'Les e-mails à cette adresse sont revenus : ne plus lui écrire.',
    'La personne ne veut plus d’e-mails : ne plus lui écrire.',
    'Les adresses de ce domaine ne sont pas acceptées ici.',
    'C’est une adresse temporaire.',
    'L’adresse correspond à une fonction et non à une personne.',
    'Les e-mails risquent de ne pas y arriver.',
    'L’adresse n’a pas pu être vérifiée : réessayer plus tard.',
  ],
  es: [
    'Ningún obstáculo conocido.',
    'Esto no es un correo electrónico.',
    'El dominio parece mal escrito.',
    'Este dominio no recibe correo.',
    'El proveedor de este buzón ha cerrado.',
    'El correo a esta dirección fue devuelto: no le escriba.',
    'La persona no quiere correo: no le escriba.',
    'Aquí no se aceptan direcciones de este dominio.',
    'Es una dirección temporal.',
    'Es la dirección de un departamento o cargo, no de una persona.',
    'Es posible que el correo no llegue.',
    'No se pudo comprobar la dirección: compruébela más tarde.',
  ],
  pt: [
    'Nenhum obstáculo conhecido.',
    'Isto não é um endereço de e-mail.',
    'O domínio parece mal escrito.',
    'Este domínio não recebe e-mails.',
    'O provedor desta caixa de correio fechou.',
    'Os e-mails para este endereço foram devolvidos: não envie.',
    'A pessoa não quer receber e-mails: não envie.',
    'Endereços deste domínio não são aceites aqui.',
    'É um endereço temporário.',
    'O endereço é de uma função e não de uma pessoa.',
    'Os e-mails podem não chegar.',
    'Não foi possível verificar o endereço: verifique mais tarde.',
  ],
  it: [
    'Nessun ostacolo noto.',
    'Questo non è un indirizzo email.',
    'Il dominio sembra scritto male.',
    'Questo dominio non riceve email.',
    'Il fornitore di questa casella ha chiuso.',
    'Le email a questo indirizzo sono tornate indietro: non scrivere.',
    'La persona non vuole email: non scrivere.',
    'Gli indirizzi di questo dominio non sono accettati qui.',
    'È un indirizzo temporaneo.',
    'L’indirizzo è di una funzione e non di una persona.',
    'Le email potrebbero non arrivare.',
    'Non è stato possibile verificare l’indirizzo: riprovare più tardi.',
  ],
  nl: [
    'Geen bekend obstakel.',
    'Dit is geen e-mailadres.',
    'Het domein lijkt verkeerd gespeld.',
    'Dit domein ontvangt geen e-mail.',
    'De aanbieder van deze mailbox is gestopt.',
    'E-mail naar dit adres kwam terug: niet mailen.',
    'Deze persoon wil geen e-mail: niet mailen.',
    'Adressen van dit domein worden hier niet geaccepteerd.',
    'Dit is een tijdelijk adres.',
    'Het adres hoort bij een functie en niet bij een persoon.',
    'E-mail komt daar misschien niet aan.',
    'Het adres kon nu niet worden gecontroleerd: probeer het later opnieuw.',
  ],
  pl: [
    'Brak znanych przeszkód.',
    'To nie jest adres e-mail.',
    'W domenie jest prawdopodobnie literówka.',
    'Ta domena nie przyjmuje poczty.',
    'Dostawca tej skrzynki zakończył działalność.',
    'Poczta na ten adres wróciła: nie wysyłać.',
    'Ta osoba nie chce poczty: nie wysyłać.',
    'Adresy w tej domenie nie są tu przyjmowane.',
    'To adres tymczasowy.',
    'Adres należy do stanowiska, a nie do osoby.',
    'Poczta może tam nie dotrzeć.',
    'Nie udało się teraz sprawdzić adresu: sprawdź później.',
  ],
  ja: [
    '問題は見つかりませんでした。',
    'メールアドレスの形式ではありません。',
    'ドメインの綴りが間違っているようです。',
    'このドメインではメールを受信できません。',
    'このメールサービスは終了しています。',
    'このアドレス宛のメールは返送されました。送信しないでください。',
    '受信を希望していません。送信しないでください。',
    'このドメインのアドレスはここでは使えません。',
    '一時的なアドレスです。',
    '個人ではなく役割のアドレスです。',
    'メールが届かない可能性があります。',
    '現在確認できません。後でもう一度確認してください。',
  ],
};

const kindOfReason: Partial<Record<Reason, Kind>> = {
  syntax_error: 'syntax',
  domain_typo: 'misspelled',
  confusable_domain: 'misspelled',
  denied_domain: 'denied',
  disposable_domain: 'temporary',
  disposable_mail_host: 'temporary',
  role_account: 'role',
  no_known_obstacle: 'fine',
  relay_alias: 'fine',
  retired_provider: 'closed',
};

/** The sentence for a verdict. If there is none for its reason, the sentence for its result. */
export function messageOf(row: PolicyOutcome, language: MessageLanguage): string {
  if (language === 'en') return row.message;
  return sentences[language][kinds.indexOf(kindOfOutcome(row))]!;
}

function kindOfOutcome({ reason, result, bounce }: PolicyOutcome): Kind {
  if (reason === 'suppressed') return bounce === null ? 'unsubscribed' : 'bounced';
  if (reason === 'impossible_mailbox' && result === 'undeliverable') return 'syntax';
  const kind = kindOfReason[reason];
  if (kind !== undefined) return kind;
  return result === 'undeliverable' ? 'noMail' : result === 'unknown' ? 'again' : 'doubtful';
}
