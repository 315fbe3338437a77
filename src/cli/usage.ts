// What `presend --help` says, and what comes behind a command that was not understood.

export const usage = `Usage:
  presend check [--json] [--allow FILE] [--deny FILE] ADDRESS…
                                    the verdict on each address; without one, addresses are read from standard input;
                                    the files name domains, one a line, *.example.com for all beneath it too
  presend clean LIST -o RESULT [--max-age-days 90] [--only ACTION] [--report FILE.html] [--resume] [--json]
                                    a CSV or NDJSON list with the verdicts beside its rows, and what it will bounce;
                                    - is standard input or output; docs/lists.md has the other options
  presend bounce [--json] FILE      what a bounce or a complaint says, as it came (message/rfc822); - is standard input
  presend reply [--json] TEXT       what an SMTP reply says, such as "550 5.1.1 No such user"
  presend suppressions import [--format csv|ndjson] [--reason REASON] [--source NAME] FILE
                                    puts another provider's list, or another instance's export, on the suppression list
  presend suppressions export [--format csv|ndjson]
                                    writes the suppression list, hashed
  presend erase [--lift-suppression] ADDRESS
                                    erases what is stored about an address; its entry on the suppression list stays
  presend serve                     the HTTP service; docs/settings.md lists its settings
  presend keys create --name NAME [--scopes SCOPE,…]    a secret key, for everything or for some scopes
  presend keys create --name NAME --origins ORIGIN,…    a publishable key, for pages of those origins
  presend keys list                                     all keys, without their texts
  presend keys rotate [--overlap SECONDS] ID            a key in the place of another, which ends a day later
  presend keys revoke ID                                ends a key at once

Exit status of clean: 0 done, 1 the file is no list, 4 the DNS was out for too long (--resume goes on).
Of bounce and reply: 1 when somebody should not be mailed again, else 0.
Of suppressions import: 1 when a row was rejected, else 0. Of check:
  0  every address is deliverable
  1  at least one is undeliverable
  3  none is undeliverable, at least one is risky or unknown
  2  the command was not understood
Exit status of keys: 1 where there is no key of that id, or it cannot be rotated.
`;
