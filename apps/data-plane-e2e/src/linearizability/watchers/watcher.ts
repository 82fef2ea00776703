/** Somebody who looks at the server in another way than by single replies, while clients play. */
export interface Watcher {
  /** Ends it; what it found wrong, each time it is asked. */
  end(): Promise<readonly string[]>;
}

/** Runs `work` until it is told to stop; an error is a complaint too. */
export function watcher(work: (isOver: () => boolean, complain: (words: string) => void) => Promise<void>): Watcher {
  const complaints: string[] = [];
  let isOver = false;
  const done = work(() => isOver, (words) => complaints.push(words)).catch((error: unknown) => void complaints.push(String(error)));
  return {
    async end() {
      isOver = true;
      await done;
      return complaints;
    },
  };
}
