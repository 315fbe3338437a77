// Finds the date columns that tell how old an address is: when its mailbox last showed a sign of life, and when the
// address became known. Then reads their dates.

import { plainName } from '../tables/find-columns.ts';
import { type DateOrder, dateOrderOf, parseCellDate } from '../written-dates.ts';

/**
 * The columns of a list that tell how old its addresses are. A `Place` is the index of a column, or in NDJSON the
 * path of a field.
 */
export interface LifeColumns<Place> {
  /**
   * Columns with a sign of life: when mail last arrived, was sent, opened or clicked, or when the person was last
   * active.
   */
  readonly alive: readonly Place[];
  /**
   * Columns with the day on which the person subscribed or the record was created. The address probably worked on that
   * day, so its age (the time since it last worked) is at most the time since that day.
   */
  readonly since: readonly Place[];
  /** The column of Mailchimp's rating, from 1 to 5, of how often a person opens and clicks; null if there is none. */
  readonly rating: Place | null;
  /** The order of day and month in dates such as `3/4/2026`; null if no date of the list shows it. */
  readonly order: DateOrder | null;
}

/**
 * The dates that one row has in these columns, in epoch milliseconds. They are not sorted, and may be in the future.
 */
export interface LifeDates {
  readonly alive: readonly number[];
  readonly since: readonly number[];
  /** Whether the person often opens or clicks, according to the rating in the list, such as MEMBER_RATING. */
  readonly engaged: boolean;
}

const wordsIn = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Words in the name of a column which say that its date is the most recent one, as in `Last opened`. */
const last = wordsIn(`
  last latest recent recently lasttime previous letzte letzter letztes letzten zuletzt dernier dernière derniere dernières
  derniers ultimo último ultima última ultimos últimos últimas laatste laatst ostatni ostatnia ostatnie ostatnio
  siste sist senaste senast sidste sidst seneste viimeisin viimeksi poslední naposledy utolsó ultimul ultima son
  последний последняя последнее последнего последней останній остання τελευταία τελευταίο
`);

/**
 * Words in the name of a column for a sign of life: what a person does, or what happens to mail that reaches the
 * person. A column has signs of life if its name has one of these words and one of `last`.
 */
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

/**
 * Words which show that a date is something else, such as a change of the record or a failed delivery. A column whose
 * name has one of them has no signs of life.
 */
const otherWords = wordsIn(`
  name names modified modification modify changed change update updated updating edited edit geändert bearbeitet modifié
  modificado modificato gewijzigd zmiany bounce bounced bounces hard soft fail failed failure unsubscribe unsubscribed
  unsubscription complaint complained spam optout import imported export exported sync synced synchronized deleted
  next owner count number total subject id url value amount created rating score reason by
`);

/**
 * More names of columns with signs of life, for names that are written as one word. Applied to the result of
 * `plainName`.
 */
const aliveNames = /^(?:letzte[rn]?|dernier|ultim[oa])(?:aktiv|activ)|^(?:last|recent)?seenat$|^activeat$/;

/** Names of columns with signs of life in languages that do not separate words by spaces. May be a part of the name. */
const aliveParts =
  /最終(?:開封|クリック|配信|送信|ログイン|アクティ|購入)|最后(?:打开|点击|发送|登录|活跃|活动|购买)|最近(?:打开|点击|登录|活跃)|最後(?:開啟|點擊|登入)|마지막\s*(?:열람|클릭|발송|로그인|활동)|최근\s*(?:열람|클릭|로그인|활동)/;

/**
 * Names of columns with the date on which an address became known. Written as the result of `plainName`: letters and
 * digits in lower case, without accents.
 */
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

/** Splits a name into words. `lastOpenedAt`, `LAST_OPENED` and `Last opened (date)` all begin with `last`, `opened`. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .normalize('NFC')
    .split(/[^\p{L}\p{M}]+/u)
    .filter((word) => word !== '');

/**
 * What a column contains, according to its name: signs of life, the day the address became known, or a rating. Null:
 * none of these.
 */
export function lifeKindOf(name: string): 'alive' | 'since' | 'rating' | null {
  const plain = plainName(name);
  if (plain === 'memberrating') return 'rating';
  if (sinceNames.has(plain)) return 'since';
  if (aliveNames.test(plain) || aliveParts.test(name.normalize('NFC'))) return 'alive';
  const words = wordsOf(name);
  const isLast = words.some((word) => last.has(word));
  const isSign = words.some((word) => signWords.has(word));
  return isLast && isSign && !words.some((word) => otherWords.has(word)) ? 'alive' : null;
}

/** More than this share of the non-empty cells of a column must be dates. */
const enoughDates = 0.5;

/**
 * Finds the columns whose name is known and most of whose sampled cells are dates (or all are ratings). `names[i]` is
 * the name of the column at `places[i]`, and `cells(i)` are its sampled cells. Null if there are no such columns.
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
        (text) => parseCellDate(text, order ?? 'day') !== null || parseCellDate(text, 'month') !== null,
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

/**
 * Returns a function that reads the dates and the rating of a row. Null if the row has no dates and its rating does not show
 * that the person often opens or clicks. `cell` returns the text of a row at a place.
 */
export function lifeDatesReader<Row, Place>(
  { alive, since, rating, order }: LifeColumns<Place>,
  cell: (row: Row, place: Place) => string,
): (row: Row) => LifeDates | null {
  // The dates that were already parsed, by their text. A column of days has few distinct texts.
  const days = new Map<string, readonly number[]>();
  const parsed = (text: string): readonly number[] => {
    const epoch = parseCellDate(text, order);
    return epoch === null ? noDates : [epoch];
  };
  const datesIn = (text: string): readonly number[] => {
    if (text.length > longestDay) return parsed(text);
    const known = days.get(text);
    if (known !== undefined) return known;
    const dates = parsed(text);
    if (days.size < mostDays) days.set(text, dates);
    return dates;
  };
  const datesAt = (row: Row, places: readonly Place[]): readonly number[] => {
    let all = noDates;
    for (const place of places) {
      const dates = datesIn(cell(row, place).trim());
      all = all === noDates ? dates : all.concat(dates);
    }
    return all;
  };
  return (row) => {
    const engaged = rating !== null && Number(cell(row, rating)) >= engagedFrom;
    const aliveDates = datesAt(row, alive);
    const sinceDates = datesAt(row, since);
    return aliveDates === noDates && sinceDates === noDates && !engaged
      ? null
      : { alive: aliveDates, since: sinceDates, engaged };
  };
}

/**
 * Only texts of at most this many characters are kept in the map `days`; a day such as `2026-02-28` has ten. V8 copies
 * such short texts. A longer text would keep in memory the whole piece of the file from which it was cut.
 */
const longestDay = 10;
/** Maximum number of texts in `days`: more than twenty years of days. */
const mostDays = 8192;

/** All rows without dates share this array. This saves memory, since lists have millions of rows. */
const noDates: readonly number[] = [];
