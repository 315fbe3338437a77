// The text of `presend --help`.

export const usage = `presend predicts whether mail to an address will bounce, before you send it.

Usage: presend COMMAND [OPTION…]

  check ADDRESS…            print the verdict on each address
  clean LIST -o RESULT      add verdicts to a CSV or NDJSON list and forecast its bounces
  backtest LIST BOUNCES     compare the verdicts on a list with the bounces of a campaign
  bounce FILE               explain a bounce or complaint message
  reply TEXT                explain an SMTP reply
  suppressions add|check|lift|import|export
                            add, check or lift suppressions; import or export the list
  erase ADDRESS             erase what is stored about an address
  serve                     start the HTTP service
  keys create|list|rotate|revoke
                            manage the API keys of the service
  backup FOLDER             copy the data of the service to a folder, while it runs
  restore FOLDER            put the data of a backup in its place
  data update|pack|status   update the lists of domains and names, or show their age

  presend COMMAND --help    options, exit statuses and examples of a command
  presend --version

Exit status of every command: 2 for wrong arguments or settings, 5 for a failure of the system such as a full disk.
`;
