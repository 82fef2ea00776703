'use client';
import { useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { useSignOut } from '@/data/viewer/viewer-mutation';
import type { Viewer } from '@/data/viewer/viewer-query';
import { VisuallyHidden } from '@/ui/blocks';
import { Menu } from '@/ui/menu';
import { showToast } from '@/ui/toast';
import classes from './user-menu.module.css';

export function UserMenu({ slug, viewer }: { readonly slug: string; readonly viewer: Viewer | undefined }) {
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const user = viewer?.user;
  const leave = async (): Promise<void> => {
    try {
      await signOut.mutateAsync();
      window.location.assign('/sign-in');
    } catch (error) {
      showToast(error instanceof Error ? error.message : 'Signing out failed.', 'bad');
    }
  };
  return (
    <Menu
      label="Account"
      isTriggerNamed
      place="above-start"
      triggerClassName={classes.trigger}
      trigger={(
        <>
          <VisuallyHidden>Account: </VisuallyHidden>
          <span className={classes.face} aria-hidden>{(user?.name ?? '·').charAt(0).toUpperCase()}</span>
          <span className={classes.words}><span className={classes.name}>{user?.name ?? ' '}</span><span className={classes.email}>{user?.email ?? ' '}</span></span>
        </>
      )}
      items={[
        { label: 'Account', icon: <IconUser size={16} aria-hidden />, href: `/o/${slug}/account` },
        'line',
        { label: 'Light', icon: <IconSun size={16} aria-hidden />, onSelect: () => setColorScheme('light'), isCurrent: colorScheme === 'light' },
        { label: 'Dark', icon: <IconMoon size={16} aria-hidden />, onSelect: () => setColorScheme('dark'), isCurrent: colorScheme === 'dark' },
        { label: 'As the system', icon: <IconDeviceDesktop size={16} aria-hidden />, onSelect: () => setColorScheme('auto'), isCurrent: colorScheme === 'auto' },
        'line',
        { label: 'Sign out', icon: <IconLogout size={16} aria-hidden />, onSelect: () => void leave() },
      ]}
    />
  );
}
