// What one Sentinel says: who is primary in which epoch, and which replicas are fit to be read from. Asked on connecting, at every event
// that may change the answer, and each few seconds for the event that was lost.
import { connect, type Socket } from 'node:net';
import { encodeCommand, fieldsOf, readReply, type Reply } from './resp.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
}

export interface SentinelWord {
  readonly epoch: number;
  readonly primary: Place;
  readonly replicas: readonly Place[];
}

export interface WatchOptions extends Place {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly onWord: () => void;
}

const askAgainMs = 2000;
/** While no replica is known: one that has just come is no event of its own. */
const askSoonMs = 300;
const reconnectMs = 300;
const answerMsMax = 3000;
const channels = ['+switch-master', '+promoted-slave', '+slave', '+sdown', '-sdown', '+slave-reconf-done', '+convert-to-slave'];

export class SentinelWatch {
  readonly #options: WatchOptions;
  readonly #sockets = new Set<Socket>();
  #ask: (() => void) | undefined;
  #isStopped = false;
  /** The last thing it said; undefined until it has, and once it can no longer be reached. */
  word: SentinelWord | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#keep((socket) => this.#question(socket));
    this.#keep((socket) => this.#listen(socket));
  }

  stop(): void {
    this.#isStopped = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(use: (socket: Socket) => () => void): void {
    if (this.#isStopped) return;
    const { host, port, username, password } = this.#options;
    const socket = connect({ host, port, noDelay: true });
    this.#sockets.add(socket);
    let end: (() => void) | undefined;
    socket.once('connect', () => {
      socket.write(encodeCommand(['AUTH', username, password]));
      end = use(socket);
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      end?.();
      if (!this.#isStopped) setTimeout(() => this.#keep(use), reconnectMs);
    });
  }

  #question(socket: Socket): () => void {
    const { name, onWord } = this.#options;
    const awaited: ((reply: Reply) => void)[] = [() => undefined]; // the answer to AUTH
    onReplies(socket, (reply) => awaited.shift()?.(reply));
    let isAsking = false;
    let isAskedAgain = false;
    let soon: NodeJS.Timeout | undefined;
    const ask = (): void => {
      isAskedAgain = isAsking;
      if (isAsking) return;
      isAsking = true;
      clearTimeout(soon);
      const late = setTimeout(() => socket.destroy(), answerMsMax);
      socket.write(encodeCommand(['SENTINEL', 'MASTER', name]) + encodeCommand(['SENTINEL', 'REPLICAS', name]) + encodeCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]));
      const said: Reply[] = [];
      const keep = (reply: Reply): void => void said.push(reply);
      awaited.push(keep, keep, (reply) => {
        clearTimeout(late);
        isAsking = false;
        this.word = wordOf(said[0]!, said[1]!, reply);
        onWord();
        if (isAskedAgain) ask();
        else if (this.word?.replicas.length === 0) soon = setTimeout(ask, askSoonMs);
      });
    };
    this.#ask = ask;
    ask();
    const timer = setInterval(ask, askAgainMs);
    return () => {
      clearInterval(timer);
      clearTimeout(soon);
      this.#ask = undefined;
      this.word = undefined;
    };
  }

  #listen(socket: Socket): () => void {
    socket.write(encodeCommand(['SUBSCRIBE', ...channels]));
    onReplies(socket, (reply) => {
      if (Array.isArray(reply) && reply[0] === 'message') this.#ask?.();
    });
    return () => undefined;
  }
}

function onReplies(socket: Socket, take: (reply: Reply) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    let at = 0;
    try {
      for (let next = readReply(held, at); next !== undefined; next = at < held.length ? readReply(held, at) : undefined) {
        at = next.end;
        take(next.reply);
      }
    } catch {
      socket.destroy();
    }
    held = held.subarray(at);
  });
}

/** The address asked for by name is the promoted one at once; the row of a Sentinel that leads a failover keeps the old one to the end. */
function wordOf(primary: Reply, replicas: Reply, address: Reply): SentinelWord | undefined {
  const epoch = Number(fieldsOf(primary).get('config-epoch'));
  const [host, port] = Array.isArray(address) ? (address as readonly Reply[]).map(String) : [];
  if (host === undefined || port === undefined || !Number.isInteger(epoch)) return undefined;
  const fit = (Array.isArray(replicas) ? (replicas as readonly Reply[]) : []).map(fieldsOf).filter((each) =>
    each.get('flags') === 'slave' && each.get('master-link-status') === 'ok' && each.get('master-port') === port);
  return { epoch, primary: { host, port: Number(port) }, replicas: fit.flatMap((each) => placeOf(each) ?? []) };
}

function placeOf(fields: ReadonlyMap<string, string>): Place | undefined {
  const [host, port] = [fields.get('ip'), Number(fields.get('port'))];
  return host !== undefined && port > 0 ? { host, port } : undefined;
}
