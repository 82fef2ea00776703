// How to reach an instance from where people are. Without the password a snippet reads it from the environment.
interface Reach {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** While it is known. */
  readonly password?: string;
}

export interface Snippet {
  readonly title: string;
  readonly code: string;
}

export function snippetsFor({ host, port, username, password }: Reach): Snippet[] {
  const shell = password === undefined ? '"$LARDER_PASSWORD"' : `'${password}'`;
  const user = username === 'default' ? '' : ` --user ${username}`;
  return [
    { title: 'redis-cli', code: `REDISCLI_AUTH=${shell} redis-cli -h ${host} -p ${port}${user} PING` },
    {
      title: 'Node.js',
      code: `import { Redis } from 'ioredis';

const redis = new Redis({
  host: '${host}',
  port: ${port},
  username: '${username}',
  password: ${password === undefined ? 'process.env.LARDER_PASSWORD' : `'${password}'`},
});

await redis.set('greeting', 'hello');
console.log(await redis.get('greeting'));`,
    },
    {
      title: 'Python',
      code: `${password === undefined ? 'import os\n' : ''}import redis

r = redis.Redis(
    host="${host}",
    port=${port},
    username="${username}",
    password=${password === undefined ? 'os.environ["LARDER_PASSWORD"]' : `"${password}"`},
    decode_responses=True,
)

r.set("greeting", "hello")
print(r.get("greeting"))`,
    },
    {
      title: 'Go',
      code: `import (
	"context"
${password === undefined ? '\t"os"\n' : ''}
	"github.com/redis/go-redis/v9"
)

rdb := redis.NewClient(&redis.Options{
	Addr:     "${host}:${port}",
	Username: "${username}",
	Password: ${password === undefined ? 'os.Getenv("LARDER_PASSWORD")' : `"${password}"`},
})

err := rdb.Set(context.Background(), "greeting", "hello", 0).Err()`,
    },
  ];
}
