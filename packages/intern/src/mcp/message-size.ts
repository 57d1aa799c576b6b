export const MEBIBYTES = 16;

/** Bytes of one message of a server; one that sends more is cut off. */
export const LARGEST_MESSAGE: number = MEBIBYTES * 1024 ** 2;
