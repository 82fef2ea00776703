// The S3 server that the storage's test starts; it brings no types.
declare module 's3rver' {
  export default class S3rver {
    constructor(options: {
      port: number; address: string; silent: boolean; directory: string; configureBuckets: { name: string }[];
    });
    run(): Promise<unknown>;
    close(): Promise<void>;
  }
}
