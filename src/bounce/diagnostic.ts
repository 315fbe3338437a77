// Removes from a reply what is not about the reason: footers, help texts, URLs, host names and file names.

/** The footer that a virus scanner or mail gateway appends to a reply, up to the end of the text. */
const footer =
  /(?:^|\n)[ \t]*(?:_{8}|={20}|-- ?(?=\n)).*$|(?:^|[\n.] *)(?:this|the) (?:e-?mail|message|mail)(?: and any attachments)? (?:has been|was|is|were) (?:scanned|checked|swept|processed|virus)[^\n]{0,200}?(?:virus|security|malware|spam|by )[\s\S]*$/i;

/** Sentences and clauses that do not state a cause: they point to documentation or support, or state a condition. */
const helpTexts: readonly RegExp[] = [
  /(?:please )?(?:review|see|read|check|consult|refer to|according to) rfc[ -]?\d{3,4}(?: specifications?)?/gi,
  /(?:for more information|to learn more|for (?:more )?details|for help|for assistance|learn more|if you need (?:help|assistance)|if you (?:believe|think|feel) (?:that )?(?:this|you|your|it))\b[^\n]*?(?=[.!?](?:\s|$)|\n|$)/gi,
  // The rest of this clause names no cause either: `to avoid being blacklisted`.
  /to (?:avoid|prevent)\b[^.!?;\n]*/gi,
  // What becomes of the message: `returned to the sender`, in other languages.
  /(?:zur(?:ü|ue)ck )?an (?:den |die )?absender(?:in)? (?:zur(?:ü|ue)ck\p{L}{0,12}|retour\p{L}{0,8})|(?:zur(?:ü|ue)ck|retour) an (?:den |die )?absender(?:in)?/giu,
  /(?:retour|retourné|renvoyé|renvoi)e? (?:à|a) l['’ ]?exp[ée]diteur/giu,
  /(?:devuelt|devolvid|reenviad|retornad)[oa] (?:al|ao|a la) (?:remitente|remetente)/gi,
  /(?:restituit|rispedit|rinviat)[oa] al mittente/gi,
  /(?:terug|retour|teruggestuurd|geretourneerd) (?:naar|aan) (?:de )?afzender/gi,
  /(?:zwrot|zwrócon\p{L}{1,2}|odesłan\p{L}{1,2}) do nadawcy/giu,
  /(?:возвра(?:щен\p{L}{0,2}|т)|возвращается|отправлено обратно) отправителю/giu,
  /(?:差出人|送信者|送信元)(?:に|へ)(?:返|戻)\p{L}{0,6}|退(?:回|还)(?:给|至)?发(?:件|信)人|발신자에게 ?반송\p{L}{0,6}|gönderene (?:geri|iade)\S{0,20}/giu,
  // What may happen later has not happened: `Further attempts will be treated as an attack`.
  /(?:further|future|subsequent|repeated|additional) \w+ (?:will|may|can|would|might)\b[^.!?;\n]*/gi,
  // A cause that the reply rules out.
  /\bnot (?:a |an |related to |caused by |because of |due to |scanned for |checked for |classified as |considered |as )*(?:spam|virus(?:es)?|malware|block(?:ed|ing)|blacklist(?:ed|ing)?)(?: related|-related)?\b/gi,
  // A condition does not say what happened: `If this user does not exist, …`.
  /if(?<=(?:[.!?;][ \n]|^)if) (?:the|this|that|your|an?|any|it)\b[^.!?;,\n]*[,.]?/gim,
];

const url = /\b(?:https?|ftp):\/\/[^\s<>"')\]]+|\bwww\.[^\s<>"')\]]+/gi;
/** In Google's support links, the parameter `p` names the cause, as in `?p=NoSuchUser`. */
const cause = /[?&]p=([A-Za-z]{6,40})/;
/**
 * An address or host in angle brackets, such as `<jane>` or `<mx.example.org[192.0.2.7]>`. It does not say why mail was
 * refused.
 */
const bracketedName = /<[^\s<>]{1,255}>/g;
/** A quoted name and the noun before it, as in `unknown user: "jane"`. Only the noun is kept. */
const quotedName =
  /\b(user(?:name)?|mailbox|account|recipient|address|local[ -]part|login|alias|domain|host|name)(:? ?)(["'])[^\s"']{1,64}\3/gi;
/** A detail that Exchange Online appends, such as `[Hop=Antispam]`. `[Message=…]` is kept: it states the cause. */
const appendedDetail = /\[(?!Message=)[A-Za-z]{2,40}=[^\]]{0,200}\]/g;
const filePath = /(?<![\w/])(?:\/[\w.+-]+){2,}\/?/g;
/** A dotted name in lower case. Capitals are excluded, because in `unknown.Please` the dot ends a sentence. */
const hostName = /(?<![\w@.-])(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)+[a-z]{2,24}(?![\w@-])/g;
/**
 * Parts of host names that hint at the cause, so these host names are not removed: operators of blocklists, pages that
 * explain SPF, and similar ones.
 */
const reportedHost =
  /spamhaus|spamcop|sorbs|barracuda|abuseat|uceprotect|surriel|dnsbl|rbl|senderbase|talos|mailspike|cloudmark|senderscore|returnpath|invaluement|spamrats|manitu|psbl|backscatterer|dsbl|ordb|trustedsource|cbl|sbl|xbl|lashback|wpbl|dronebl|fiveten|mailpolice|cymru|blocklist|blacklist|ipcheck|ivmsip|spameating|nixspam|hostkarma|openspf|pobox|surbl|uribl|fortiguard|groups\.google|support\.google|postmaster|spam|anti|cyren|proofpoint/;

/**
 * The text that the rules of data/bounce-rules.txt are matched against: the reply without footer, help texts, URLs, host
 * names, file paths, and names in quotation marks or angle brackets. Takes linear time.
 */
export function diagnosticWords(text: string): string {
  let words = withoutFooter(text).replace(url, (found) => ` ${cause.exec(found)?.[1] ?? kept(found)} `);
  for (const help of helpTexts) words = words.replace(help, ' ');
  return words
    .replace(/\.{2,}/g, ' ')
    .replace(/\bx-[a-z0-9-]{3,60};/gi, ' ')
    .replace(bracketedName, ' ')
    .replace(quotedName, '$1 ')
    .replace(appendedDetail, ' ')
    .replace(filePath, ' ')
    .replace(hostName, (found) => (reportedHost.test(found) ? found : ' '));
}

const kept = (found: string): string => (reportedHost.test(found) ? found : '');

/** Removes the footer of a virus scanner or mail gateway. */
export const withoutFooter = (text: string): string => text.replace(footer, '');
