/** Replies of servers that we are a client of, RESP2, from chunks as they come. */
import type { Answer } from '@larder/store-sentinel';

const DEPTH_MAX = 8;
/** INFO is the largest that is asked for. */
const BYTES_MAX = 64 << 20;
const CR = 13;

export class AnswerReader {
  private rest: Buffer = Buffer.alloc(0);
  private at = 0;

  /** All that is complete now. @throws when it is no RESP */
  read(chunk: Buffer): Answer[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    if (this.rest.length > BYTES_MAX) throw new Error('a reply is too large');
    const answers: Answer[] = [];
    let done = 0;
    this.at = 0;
    for (let answer = this.next(0); answer !== undefined; answer = this.next(0)) {
      answers.push(answer);
      done = this.at;
    }
    this.rest = done === this.rest.length ? Buffer.alloc(0) : Buffer.from(this.rest.subarray(done));
    return answers;
  }

  /** undefined: not all of it is here yet. */
  private next(depth: number): Answer | undefined {
    const line = this.line();
    if (line === undefined) return undefined;
    const text = line.slice(1);
    switch (line[0]) {
      case '+':
        return { type: 'status', text };
      case '-':
        return { type: 'error', text };
      case ':':
        return { type: 'integer', value: Number(text) };
      case '$':
        return this.bulk(Number(text));
      case '*':
        return this.array(Number(text), depth);
      default:
        throw new Error('no RESP');
    }
  }

  private line(): string | undefined {
    const end = this.rest.indexOf(CR, this.at);
    if (end < 0 || end + 1 >= this.rest.length) return undefined;
    const line = this.rest.toString('latin1', this.at, end);
    this.at = end + 2;
    return line;
  }

  private bulk(length: number): Answer | undefined {
    if (length < 0) return { type: 'nothing' };
    if (!(length <= BYTES_MAX)) throw new Error('no RESP');
    const end = this.at + length;
    if (this.rest.length < end + 2) return undefined;
    const text = this.rest.toString('latin1', this.at, end);
    this.at = end + 2;
    return { type: 'bulk', text };
  }

  private array(count: number, depth: number): Answer | undefined {
    if (count < 0) return { type: 'nothing' };
    if (!(count <= BYTES_MAX) || depth === DEPTH_MAX) throw new Error('no RESP');
    const items: Answer[] = [];
    for (let i = 0; i < count; i++) {
      const item = this.next(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return { type: 'array', items };
  }
}
