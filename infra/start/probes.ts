/** Asking from outside whether something listens, answers HTTP, or speaks as a store; and whether a port is still to be had. */
import { createConnection, createServer } from 'node:net';

/** Whether any answer below 500 comes. */
export async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.status < 500;
}

/** PING as a client would send it, with its password. */
export function answersPing(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 1000 });
    let answer = '';
    const end = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.includes('+PONG')) end(true);
      else if (answer.startsWith('-') || answer.includes('-LOADING')) end(false);
    });
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

export function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
