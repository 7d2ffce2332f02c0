/** First entry of a backup: says what it is. */
export const HEAD_NAME = "assay-backup.json";

/** What stands in it. */
export const BACKUP_FORMAT = "assay-backup";

/** Raised when older checkouts could not restore what newer ones write. */
export const BACKUP_VERSION = 1;

/** Lies in a folder while a backup is restored into it: what is there is not whole. */
export const RESTORING_NAME = "restoring";
