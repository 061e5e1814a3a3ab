/**
 * How many connections may wait to be accepted: as many as the system allows (Linux: `net.core.somaxconn`, 4,096). By default that is 511. When the
 * pages of a process that was started anew come back all at once, the system drops the others without a word, and each tries again after 1 s, 3 s, 7 s;
 * at a local socket they fail at once.
 */
export const backlog = 16_384
