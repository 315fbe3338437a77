// Finds the columns that limit the age of an address: the last sign of life of its mailbox, and the day it became known.

import { type DateOrder, dateOrderOf, parseListDate } from './dates.ts';

/** The date columns of a list that bear on age. Places are column indexes, or paths in NDJSON. */
export interface LifeColumns<Place> {
  /** When mail last arrived, was last sent, opened or clicked, or the person was last active. */
  readonly alive: readonly Place[];
  /** When the person subscribed or the record was created: the address is no older than this. */
  readonly since: readonly Place[];
  /** Mailchimp's rating of how often a person opens and clicks, from 1 to 5; null: none. */
  readonly rating: Place | null;
  /** The order of day and month in dates such as `3/4/2026`; null if the list does not show it. */
  readonly order: DateOrder | null;
}

/** The dates of one row in epoch milliseconds, in any order. Future dates are included. */
export interface LifeDates {
  readonly alive: readonly number[];
  readonly since: readonly number[];
  /** The person often opens or clicks. */
  readonly engaged: boolean;
}

const wordsIn = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Words that make a date the most recent one. */
const last = wordsIn(`
  last latest recent recently lasttime previous letzte letzter letztes letzten zuletzt dernier dernière derniere dernières
  derniers ultimo último ultima última ultimos últimos últimas laatste laatst ostatni ostatnia ostatnie ostatnio
  siste sist senaste senast sidste sidst seneste viimeisin viimeksi poslední naposledy utolsó ultimul ultima son
  последний последняя последнее последнего последней останній остання τελευταία τελευταίο
`);

/** Words for a sign of life: what a person does, or what happens to mail that reaches a person. */
const signs = `
  active activity aktiv aktivität aktivitat activité activite actividad atividade attività attivita activiteit aktywność aktivitet
  engaged engagement interaction interaktion
  open opens opened geöffnet geoffnet öffnung offnung ouverture ouvert apertura abertura aperto geopend otwarcie otwarte
  åpnet öppnad åbnet otevření otevřeno открытие открытия
  click clicks clicked geklickt klick klik clic cliqué clique cliccato geklikt kliknięcie kliknutí клик клика
  sent send versand gesendet versendet envoi envoyé envoye envío envio enviado invio inviato verzonden wysłano wysłany
  wysyłka отправка отправки
  delivered delivery zugestellt zustellung livraison livré entrega entregado entregue consegna bezorgd dostarczono доставка доставки
  email mail mailed mailing newsletter campaign kampagne
  reply replied response antwort réponse respuesta risposta resposta
  login logon signin anmeldung connexion sesión sessão accesso inloggen logowanie вход входа
  seen visit visited session besuch visite visita bezoek wizyta визит
  order ordered purchase purchased kauf bestellung achat commande compra pedido acquisto ordine aankoop bestelling zakup
  zamówienie покупка покупки заказ заказа
  contacted contact kontakt
`;
const signWords = wordsIn(signs);

/** Words that show that a date is not a sign of life, but a change of the record, a failure or something else. */
const otherWords = wordsIn(`
  name names modified modification modify changed change update updated updating edited edit geändert bearbeitet modifié
  modificado modificato gewijzigd zmiany bounce bounced bounces hard soft fail failed failure unsubscribe unsubscribed
  unsubscription complaint complained spam optout import imported export exported sync synced synchronized deleted
  next owner count number total subject id url value amount created rating score reason by
`);

/** Further names of columns with the date of a sign of life. */
const aliveNames = /^(?:letzte[rn]?|dernier|ultim[oa])(?:aktiv|activ)|^(?:last|recent)?seenat$|^activeat$/;

/** Such names in languages that do not separate words by spaces. */
const aliveParts =
  /最終(?:開封|クリック|配信|送信|ログイン|アクティ|購入)|最后(?:打开|点击|发送|登录|活跃|活动|购买)|最近(?:打开|点击|登录|活跃)|最後(?:開啟|點擊|登入)|마지막\s*(?:열람|클릭|발송|로그인|활동)|최근\s*(?:열람|클릭|로그인|활동)/;

/** Names of columns with the date on which an address became known, as letters and digits in lower case. */
const sinceNames = wordsIn(`
  optintime optindate optinat optin optedinat optedinon doubleoptindate doubleoptintime doubleoptinat confirmtime confirmdate
  confirmationtime confirmationdate confirmedat confirmedon subscribed subscribedat subscribedon subscribeddate subscribedate
  subscribetime subscriptiondate subscriptiontime signupdate signuptime signupat signedupat signedup joined joinedat joindate
  datejoined joinedon membersince customersince registered registeredat registrationdate registeredon dateregistered
  registrationtime created createdat createdon createdate createddate creationdate datecreated createtime createdtime
  accountcreated profilecreated profilecreatedon profilecreatedat added addedat addedon addedtime dateadded addeddate
  addtime emailmarketingconsenttimestamp consenttimestamp consentdate consentat dateofconsent gdprconsentdate firstseen
  firstseenat firstactive firstactivity firstorder firstorderdate firstpurchase dateoffirstpurchase leadcreated
  anmeldedatum angemeldetam anmeldungam anmeldezeit eingetragenam registriertam registrierungsdatum erstelltam
  erstellungsdatum erstellt hinzugefugtam einwilligungam einwilligungsdatum
  datedinscription inscription inscritle dateinscription datedecreation datecreation creele ajoutele datedajout
  fechadealta fechaalta fechaderegistro fecharegistro fechadesuscripcion fechasuscripcion fechadecreacion creadoel
  datadiiscrizione dataiscrizione iscrittoil datadicreazione datacreazione
  datadeinscricao datainscricao datadecadastro datacadastro datadecriacao datadacriacao criadoem
  inschrijfdatum aanmelddatum ingeschrevenop aangemaaktop datumaangemaakt toegevoegdop
  datazapisu datarejestracji datautworzenia datadodania
  registreringsdatum opprettet skapad oprettet luotu datumregistrace vytvoreno datumvytvoreni
  датаподписки датарегистрации датасоздания датадобавления добавлен создан
  登録日 登録日時 登録日付 配信登録日 작성일 가입일 등록일 구독일 注册时间 注册日期 订阅时间 订阅日期 创建时间 加入时间 訂閱時間 註冊時間
`);

const letters = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** `lastOpenedAt`, `LAST_OPENED` and `Last opened (date)` → `last`, `opened`, … */
const wordsOf = (name: string): string[] =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .normalize('NFC')
    .split(/[^\p{L}\p{M}]+/u)
    .filter((word) => word !== '');

/** What the name of a column says about its values, or null. */
export function lifeKindOf(name: string): 'alive' | 'since' | 'rating' | null {
  const plain = letters(name);
  if (plain === 'memberrating') return 'rating';
  if (sinceNames.has(plain)) return 'since';
  if (aliveNames.test(plain) || aliveParts.test(name.normalize('NFC'))) return 'alive';
  const words = wordsOf(name);
  const isLast = words.some((word) => last.has(word));
  const isSign = words.some((word) => signWords.has(word));
  return isLast && isSign && !words.some((word) => otherWords.has(word)) ? 'alive' : null;
}

/** Minimum share of dates among the filled cells of a column. */
const enoughDates = 0.5;

/**
 * The columns that have a known name and whose sampled cells are dates. `names[i]` is the name of the column at
 * `places[i]`, and `cells(i)` are its sampled cells.
 */
export function lifeColumnsIn<Place>(
  names: readonly string[],
  places: readonly Place[],
  cells: (index: number) => readonly string[],
): LifeColumns<Place> | null {
  const found = names.flatMap((name, index) => {
    const kind = lifeKindOf(name);
    if (kind === null) return [];
    const texts = cells(index)
      .map((cell) => cell.trim())
      .filter((cell) => cell !== '');
    return [{ kind, place: places[index]!, texts }];
  });
  const order = dateOrderOf(found.flatMap(({ texts }) => texts));
  const dated = found.filter(
    ({ kind, texts }) =>
      kind !== 'rating' &&
      texts.filter(
        (text) => parseListDate(text, order ?? 'day') !== null || parseListDate(text, 'month') !== null,
      ).length >
        texts.length * enoughDates,
  );
  const rated = found.find(
    ({ kind, texts }) => kind === 'rating' && texts.every((text) => /^[0-5]$/.test(text)),
  );
  if (dated.length === 0 && rated === undefined) return null;
  const placesOf = (wanted: string) => dated.filter(({ kind }) => kind === wanted).map(({ place }) => place);
  return { alive: placesOf('alive'), since: placesOf('since'), rating: rated?.place ?? null, order };
}

/** The lowest rating of a person who engages often (Mailchimp, "About contact ratings"). */
const engagedFrom = 4;

/** The dates of a row; null if it has none. `cell` gives the text at a place. */
export function lifeDatesOf<Place>(
  { alive, since, rating, order }: LifeColumns<Place>,
  cell: (place: Place) => string,
): LifeDates | null {
  const datesAt = (places: readonly Place[]): number[] => {
    const dates: number[] = [];
    for (const place of places) {
      const epoch = parseListDate(cell(place).trim(), order);
      if (epoch !== null) dates.push(epoch);
    }
    return dates;
  };
  const engaged = rating !== null && Number(cell(rating)) >= engagedFrom;
  const dates = { alive: datesAt(alive), since: datesAt(since), engaged };
  return dates.alive.length + dates.since.length === 0 && !engaged ? null : dates;
}
