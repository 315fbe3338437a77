// Takes what does not state the cause out of a reply: what the host does with all mail, checks that passed, and the name of the
// part of the host that speaks. `550 User unknown. We use greylisting.` says that the user is unknown.

/** The end of a sentence or clause: a full stop or semicolon before a space, a dash or a parenthesis. */
const segmentEnd = /((?<=[\p{L}\p{N})\]>"”][.!?;]{1,3})\s+|\s[-–—]{1,3}\s|[()]|(?<=[。！？；]))/u;

/** What speaks of this message, this sender or an event. It may be the cause, whatever else it says. */
const particular =
  /\b(?:you|your|yours|you're|ihre?[mnrs]?|deine?[mnrs]?|votre|vos|su|sus|tu|vuestr[oa]|sua|seu|suo|vostr[oa]|twoj\p{L}*|uw|jouw|din|ditt)\b|(?<!\p{L})(?:ваш|твой|ваше|вами)\p{L}*|\b(?:this|that|the) (?:e-?mail|mail|message|letter|sender|client|connection|ip|attachment|content|request|session|transaction|address)\b|\bfrom (?:this|that|the)\b|\b(?:was|were|has|have|had|been|did|because|due|found|detected|failed|score|listed|exceeded|exceeds|too)\b|\b(?:unknown|dynamic)\b|\b\w*auth\w*|\b(?:relay|log ?in|permission|helo|ehlo|customer|register|confirm|verif|whitelist|subscri|member|non-)\w*|\d{1,3}(?:\.\d{1,3}){3}|\b[0-9a-f]{1,4}:[0-9a-f:]+:/iu;

/** How a host speaks of itself: `this server`, `we`. */
const host =
  /^(?:(?:please )?(?:note|notice|reminder|hint|info|information|warning|attention|policy|hinweis|achtung|rappel|remarque|nota|aviso|avviso|примечание)\s*:\s*)?(?:and |but |also,? |all |any )?(?:we|(?:this|our|the) (?:mail ?|e-?mail |receiving )?(?:server|host|system|site|machine|service|gateway|mx|domain|company|provider|polic(?:y|ies))s?|dieser (?:mail-?)?server|unser (?:mail-?)?server|wir|ce serveur|notre serveur|nous|este servidor|nuestro servidor|esse servidor|nosso servidor|questo server|il nostro server|deze server|onze server|wij|ten serwer|nasz serwer|(?:этот|наш|на (?:этом|нашем|данном)) сервере?|на сервере|мы)(?!\p{L})/iu;

/** What a host does as a rule. */
const habit =
  /(?<!\p{L})(?:use|uses|using|check|checks|reject|rejects|refuse|refuses|block|blocks|filter|filters|limit|limits|scan|scans|apply|applies|require|requires|enforce|enforces|employ|employs|run|runs|log|logs|monitor|monitors|report|reports|quarantine|quarantines|delete|deletes|greylist|greylists|accept|accepts|tolerate|tolerates|allow|allows|permit|permits|do not|does not|don't|doesn't|is protected|are protected|verwende[nt]|nutz(?:t|en)|setz(?:t|en)|prüf(?:t|en)|pruef(?:t|en)|filter[nt]|lehnt|blockier(?:t|en)|utilis(?:e|ons)|appliqu(?:e|ons)|filtre|filtrons|refus(?:e|ons)|aplica|aplicamos|usa|usamos|utiliza|rechaza|filtra|applica|rifiuta|gebruikt|gebruiken|weigert|stosuje|używa|odrzuca|использует|применяет|действует|проверяет)(?!\p{L})/iu;

/** Many messages or senders at once: `all mail`, `mail from listed hosts`, `bulk senders`. `Mail` alone may be this mail. */
const many =
  /^(?:and |but |also,? |(?:please )?(?:note|notice|reminder|warning|policy|hinweis|achtung|rappel|remarque|nota|aviso|avviso)\s*:\s*)?(?:(?:(?:all|any|every|each|other|unsolicited|unwanted|bulk|commercial|infected|large|larger|oversized|dangerous|executable) )+(?:mail|mails|e-?mails?|messages|mailings|senders|attachments|files|connections|transactions|sessions|hosts|traffic)|(?:mail|mails|e-?mails?|messages|attachments|files|connections) (?:from|with|over|larger|above|without|that)\b|(?:(?:all|any|other|le|el|lo|il|der) ){0,2}(?:spam|spammers|spamming|abuse|greylisting|blocklists|blacklists|viruses|executables|ube|uce|bulk senders|limits|rate limits|size limits|mail loops|loops|checks))\b/iu;

/** What happens to them as a rule. A past tense would be an event. */
const ruled =
  /\s(?:is|are|must|should|may|can|will|apply|applies|ist|wird|werden|sind|est|sont|es|son|está|è|sono)\s|\b(?:prohibited|forbidden|tolerated|verboten|interdit|prohibido|vietato)\b/iu;

/** A remark on what the host asks of everybody: `SPF and reverse DNS are required`. */
const remark = /^(?:(?:please )?(?:note|notice|reminder|policy|our policy|our policies)\s*:)/iu;

/** A condition that speaks to nobody in particular: `if you are a spammer, go away`. */
const condition = /^(?:if you (?:are|were|send|want) [^,]{1,80},?)/i;

/** A check that passed is not a cause: `SPF=pass`, `rbl ok`. */
const passed =
  /(?<![\w-])(?!(?:not|to|must|should|cannot|can't|didn't|doesn't)\b)[a-z][\w-]{1,24}(?:=|:? )(?:pass|passed|ok)(?![\w-])[;,.]?/giu;

/** The part of the host that speaks, at the beginning: `spamfilter: `, `[policy-gw3] `. */
const speaker =
  /^(?:\[[\w.-]{2,40}\]|(?:[\w-]{2,24} )?[\w.-]{0,30}(?:filter|check|checker|checks|policy|policyd|service|module|daemon|gateway|gw|engine|scan|scanner|virusscan|guard|shield|milter|plugin|proxy|assassin|weight|verify|verifier)[\w.-]{0,30}:)\s+(?=\S)/i;

function isHouseRule(segment: string): boolean {
  const text = segment.replace(/^[\s"'*]+/, '').replace(condition, '');
  if (text !== segment && text.trim() === '') return true;
  if (particular.test(text)) return false;
  if (condition.test(segment)) return true;
  return (host.test(text) && habit.test(text)) || (many.test(text) && ruled.test(text)) || remark.test(text);
}

/**
 * The reply without what states no cause, or null if there is nothing of the kind or nothing else. `speaks`: whether the name of
 * the part of the host that speaks may go, too. Takes linear time.
 */
export function statedCause(text: string, speaks: boolean): string | null {
  const plain = speaks ? text.replace(speaker, '') : text;
  const segments = plain.replace(passed, ' ').split(segmentEnd);
  // Every second item is what separates two segments.
  const cause = segments
    .filter((segment, at) => at % 2 === 1 || segment.trim() === '' || !isHouseRule(segment))
    .join('')
    .trim();
  return cause === '' || cause.replace(/\W/g, '').length === text.replace(/\W/g, '').length ? null : cause;
}
