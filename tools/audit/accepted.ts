/** Advisories that we know and live with: id → why it does not concern us, and until when. */
export const ACCEPTED: Readonly<Record<string, string>> = {};
