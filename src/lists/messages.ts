// A verdict as a sentence for people who work with lists, in the languages that the widget has.

import type { Topic } from '../signals/signal.ts';
import type { PolicyOutcome } from '../verdict/policy.ts';

export const messageLanguages = ['en', 'de', 'fr', 'es', 'pt', 'it', 'nl', 'pl', 'ja'] as const;
export type MessageLanguage = (typeof messageLanguages)[number];

const topics: readonly Topic[] = [
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
];

/**
 * The sentences of each language, in the order of `topics`. English is not here: `messageOf` takes it from the
 * verdict.
 */
const sentences: Readonly<Record<Exclude<MessageLanguage, 'en'>, readonly string[]>> = {
  de: [
    'Keine Probleme bekannt.',
    'Das ist keine gültige E-Mail-Adresse.',
    'Die Domain ist vermutlich falsch geschrieben.',
    'Diese Domain nimmt keine E-Mails an.',
    'Den Anbieter dieses Postfachs gibt es nicht mehr.',
    'Frühere E-Mails an diese Adresse kamen als unzustellbar zurück: nicht anschreiben.',
    'Diese Adresse steht auf der Sperrliste.',
    'Diese Adresse wird hier nicht akzeptiert.',
    'Das ist eine Wegwerfadresse.',
    'Das ist eine Funktionsadresse, keine persönliche Adresse.',
    'E-Mails an diese Adresse kommen vielleicht nicht an.',
    'Die Adresse konnte gerade nicht geprüft werden: bitte später noch einmal prüfen.',
  ],
  fr: [
    'Aucun problème connu.',
    'Cette adresse e-mail n’est pas valide.',
    'Le domaine semble mal orthographié.',
    'Ce domaine ne reçoit pas d’e-mails.',
    'Le fournisseur de cette boîte mail n’existe plus.',
    'Des e-mails envoyés à cette adresse n’ont pas pu être remis : ne plus y écrire.',
    'Cette adresse figure sur la liste d’exclusion.',
    'Cette adresse n’est pas acceptée ici.',
    'C’est une adresse jetable.',
    'L’adresse correspond à une fonction et non à une personne.',
    'Les e-mails envoyés à cette adresse risquent de ne pas arriver.',
    'L’adresse n’a pas pu être vérifiée : réessayer plus tard.',
  ],
  es: [
    'No se conoce ningún problema.',
    'Esta dirección de correo no es válida.',
    'El dominio parece estar mal escrito.',
    'Este dominio no acepta correos.',
    'El proveedor de este buzón ha cerrado.',
    'Los correos enviados a esta dirección fueron devueltos: no envíe más.',
    'Esta dirección está en la lista de exclusión.',
    'Aquí no se acepta esta dirección.',
    'Es una dirección desechable.',
    'Es la dirección de un departamento o cargo, no de una persona.',
    'Es posible que los correos no lleguen a esta dirección.',
    'No se pudo comprobar la dirección: inténtelo de nuevo más tarde.',
  ],
  pt: [
    'Nenhum problema conhecido.',
    'Este endereço de e-mail não é válido.',
    'O domínio parece estar mal escrito.',
    'Este domínio não recebe e-mails.',
    'O serviço de e-mail deste endereço já não existe.',
    'Os e-mails enviados para este endereço foram devolvidos: não envie mais.',
    'Este endereço está na lista de exclusão.',
    'Aqui não aceitamos este endereço.',
    'É um endereço descartável.',
    'É o endereço de um departamento ou cargo, não de uma pessoa.',
    'Os e-mails enviados para este endereço podem não chegar.',
    'Não foi possível verificar o endereço: tente novamente mais tarde.',
  ],
  it: [
    'Nessun problema noto.',
    'Questo indirizzo email non è valido.',
    'Il dominio sembra scritto in modo errato.',
    'Questo dominio non riceve email.',
    'Il provider di questa casella non esiste più.',
    'Le email inviate a questo indirizzo sono tornate indietro: non inviarne altre.',
    'Questo indirizzo è nella lista di esclusione.',
    'Questo indirizzo non è accettato qui.',
    'È un indirizzo usa e getta.',
    'È l’indirizzo di un reparto o di un ruolo, non di una persona.',
    'Le email inviate a questo indirizzo potrebbero non arrivare.',
    'Non è stato possibile verificare l’indirizzo: riprovare più tardi.',
  ],
  nl: [
    'Geen problemen bekend.',
    'Dit is geen geldig e-mailadres.',
    'Het domein lijkt verkeerd gespeld.',
    'Dit domein ontvangt geen e-mail.',
    'De provider van deze mailbox bestaat niet meer.',
    'Eerdere e-mail naar dit adres kwam terug: niet meer mailen.',
    'Dit adres staat op de uitsluitingslijst.',
    'Dit adres wordt hier niet geaccepteerd.',
    'Dit is een wegwerpadres.',
    'Dit is het adres van een afdeling of functie, niet van een persoon.',
    'E-mail naar dit adres komt misschien niet aan.',
    'Het adres kon nu niet worden gecontroleerd: probeer het later opnieuw.',
  ],
  pl: [
    'Nie znaleziono problemów.',
    'To nie jest poprawny adres e-mail.',
    'W domenie jest prawdopodobnie literówka.',
    'Ta domena nie przyjmuje poczty.',
    'Dostawca tej skrzynki zakończył działalność.',
    'Wiadomości wysłane na ten adres wróciły: nie wysyłaj więcej.',
    'Ten adres jest na liście wykluczeń.',
    'Ten adres nie jest tu akceptowany.',
    'To jednorazowy adres e-mail.',
    'To adres działu lub stanowiska, a nie konkretnej osoby.',
    'Wiadomości mogą nie dotrzeć na ten adres.',
    'Nie udało się sprawdzić adresu: spróbuj ponownie później.',
  ],
  ja: [
    '問題は見つかりませんでした。',
    '正しいメールアドレスではありません。',
    'ドメインのつづりが間違っているようです。',
    'このドメインではメールを受信できません。',
    'このアドレスのメールサービスは終了しています。',
    'このアドレス宛のメールは届かずに戻ってきました。送信しないでください。',
    'このアドレスは配信停止リストに登録されています。',
    'このアドレスはご利用いただけません。',
    '使い捨てのメールアドレスです。',
    '個人ではなく、部署や役職のアドレスです。',
    'メールが届かない可能性があります。',
    'アドレスを確認できませんでした。後でもう一度確認してください。',
  ],
};

/** The sentence for a verdict, by the topic of its message. */
export const messageOf = ({ topic, message }: PolicyOutcome, language: MessageLanguage): string =>
  language === 'en' ? message : sentences[language][topics.indexOf(topic)]!;
