/** Further connections to the server of `RealRedis`, for conversations in which one client waits for another. */
import { encodeCommands } from '@larder/shared-testing';
import type { RawClient } from '@larder/shared-testing';
import type { RealRedis } from './real-redis';

const TIMEOUT_MS = 60_000;

export class RedisConnection {
  private readonly client: RawClient;
  private kept = '';

  private constructor(client: RawClient) {
    this.client = client;
  }

  static async open(redis: RealRedis): Promise<RedisConnection> {
    return new RedisConnection(await redis.store.connect(2, TIMEOUT_MS));
  }

  send(words: readonly string[]): void {
    this.client.write(encodeCommands([words]));
  }

  /** The next reply. */
  async read(): Promise<string> {
    return (await this.client.frames(1))[0]!.toString('latin1');
  }

  ask(words: readonly string[]): Promise<string> {
    this.send(words);
    return this.read();
  }

  /** What has come and was not read: empty when nothing was answered. */
  get unread(): string {
    this.kept += this.client.takeArrived().map((frame) => frame.toString('latin1')).join('');
    return this.kept;
  }

  close(): void {
    this.client.close();
  }
}
