/**
 * The words that the threads of one server share, each on a cache line of its own where it is hot.
 *
 *   server    STOP · OWNER · ESCALATOR · … one line each
 *   thread t  line 0: INSIDE        written by t at every turn
 *             line 1: the rest      seldom written
 */
export const LINE = 16;

/** How many exclusive sections are wanted or running: while not 0, nobody may enter the gate. */
export const STOP = 0;
/** Lock over OWNER and the tickets. */
export const QUEUE_LOCK = 1 * LINE;
/** Thread + 1 that has, or waits alone for, the exclusive section. */
export const OWNER = 2 * LINE;
export const LAST_TICKET = 2 * LINE + 1;
/** Thread + 1 that wants all others to leave while it is inside a unit: a script that reaches for more keys. */
export const ESCALATOR = 3 * LINE;
/** Lock over the mail of all threads: what is posted under it has one order everywhere. */
export const MAIL_LOCK = 4 * LINE;
/** Lock that a unit takes before its shards when it may reach for more: of those only one runs. */
export const SCRIPT_LOCK = 5 * LINE;
/** What runs for longer than `busy-reply-threshold`: NOT_BUSY, BUSY, or BUSY_UNKILLABLE. */
export const BUSY_SCRIPT = 6 * LINE;
/** SCRIPT KILL was asked. */
export const KILL_SCRIPT = 6 * LINE + 1;
/** Connections over all threads, for `maxclients`, and the last client id. */
export const CONNECTIONS = 9 * LINE;
export const LAST_CLIENT = 9 * LINE + 1;
/** Order numbers: of blocked clients, of slow commands. */
export const LAST_ORDER = 9 * LINE + 2;
/** Exit code + 1 that a thread wants the process to end with. */
export const EXIT = 9 * LINE + 3;
const SERVER_LINES = 10;

/** Offsets from `threadWords(t)`. */
export const INSIDE = 0;
/** 1 while it waits before the gate; whoever ends an exclusive section may let it in by setting 0. */
export const PARKED = LINE;
/** Counts up when there is something to look at; what a waiting thread sleeps on. */
export const SIGNAL = LINE + 1;
export const HAS_MAIL = LINE + 2;
export const MAIL_HEAD = LINE + 3;
export const MAIL_TAIL = LINE + 4;
/** Order in which it asked for the exclusive section, or 0. */
export const TICKET = LINE + 5;
/** It serves mail: others may ask it something. */
export const READY = LINE + 6;
/** As SIGNAL, for a thread that sleeps in its event loop: counts up with the first letter of its mail. */
export const BELL = LINE + 7;
const THREAD_LINES = 2;

export const THREADS_MAX = 8;

export function threadWords(thread: number): number {
  return (SERVER_LINES + thread * THREAD_LINES) * LINE;
}

export const WORDS = (SERVER_LINES + THREADS_MAX * THREAD_LINES) * LINE;
