// BullMQ publishes its scripts as modules without types.
declare module 'bullmq/dist/cjs/scripts' {
  const scripts: Record<string, { name: string; content: string; keys: number }>;
  export = scripts;
}
