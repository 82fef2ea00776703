import { TestStore } from '@larder/store-dispatch/testing';
import { expiryCommands, keyCommands, stringCommands } from '@larder/store-commands';
import { Notifications } from './notifications';
import { PubSub } from './pubsub';

describe('keyspace notifications', () => {
  const scene = (letters: string) => {
    const s = new TestStore([...stringCommands, ...keyCommands, ...expiryCommands]);
    const pubsub = new PubSub();
    const notifications = new Notifications(pubsub);
    if (notifications.follow(letters)) s.dispatcher.waiters.addListener(notifications);
    s.dispatcher.listen();
    const listener = s.connect();
    pubsub.subscribe(listener, 'patterns', '*');
    const heard = () =>
      listener.delivered.splice(0).map((message) => {
        const parts = message.split('\r\n');
        return `${parts[6]} ${parts[8]}`;
      });
    return { s, heard };
  };

  it('publishes by key and by event, in the order of what happened', () => {
    const { s, heard } = scene('KEg$');
    s.run('SET a 1 EX 10');
    s.run('DEL a');
    expect(heard()).toEqual([
      '__keyspace@0__:a set', '__keyevent@0__:set a',
      '__keyspace@0__:a expire', '__keyevent@0__:expire a',
      '__keyspace@0__:a del', '__keyevent@0__:del a',
    ]);
  });

  it('publishes the classes that are on alone', () => {
    const { s, heard } = scene('Kx');
    s.run('SET a 1 PX 10');
    s.step(11);
    s.run('GET a');
    expect(heard()).toEqual(['__keyspace@0__:a expired']);
    expect(scene('g$').heard()).toEqual([]);
    expect(scene('KE').s.keyspace.listener).toBeNull();
  });

  it('tells of a new key, also when RENAME puts it over another', () => {
    const { s, heard } = scene('Kgn');
    s.run('MSET a 1 b 2');
    expect(heard()).toEqual(['__keyspace@0__:a new', '__keyspace@0__:b new']);
    s.run('RENAME a b');
    expect(heard()).toEqual(['__keyspace@0__:b new', '__keyspace@0__:a rename_from', '__keyspace@0__:b rename_to']);
  });
});
