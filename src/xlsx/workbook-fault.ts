// Why a file cannot be read as a workbook. Thrown inside this room only: its callers get it as a value (`refusalOf`).

export type WorkbookFaultCode =
  /** The file is damaged, or breaks the rules of ZIP, XML or Office Open XML. */
  | 'bad_workbook'
  /** The file exceeds a limit, as a ZIP bomb does. */
  | 'workbook_too_large'
  | 'encrypted_workbook'
  /** A file of another program, such as .xls or .ods. */
  | 'binary';

export class WorkbookFault extends Error {
  readonly code: WorkbookFaultCode;

  /** `message` is a sentence that begins with "The file". */
  constructor(code: WorkbookFaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

export const damaged = (what: string): WorkbookFault =>
  new WorkbookFault(
    'bad_workbook',
    `The file is damaged: ${what}. Save the workbook again, or save it as CSV.`,
  );

export const beyondLimit = (what: string): WorkbookFault =>
  new WorkbookFault('workbook_too_large', `The file ${what}. Save the sheet as CSV.`);
