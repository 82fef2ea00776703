'use client';
import { PasswordInput, TextInput } from '@mantine/core';
import { useUpdateOrganization } from '@/data/organization/organization-mutation';
import { useMay, useOrganization } from '@/data/organization/organization-query';
import { isDone } from '@/data/refusal';
import { useChangePassword } from '@/data/viewer/viewer-mutation';
import { useViewer } from '@/data/viewer/viewer-query';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { Faces } from '@/ui/faces';
import { Facts, PageHead, Panel } from '@/ui/page';
import { showToast } from '@/ui/toast';

export function AccountScreen({ slug }: { readonly slug: string }) {
  const viewer = useViewer();
  const organization = useOrganization(slug).data;
  const may = useMay(slug);
  return (
    <>
      <PageHead title="Account" lead="You, and the organisation you are looking at." />
      <Panel title="You">
        <Faces query={viewer}>
          {(data) => <Facts rows={[['Name', data?.user?.name ?? '–'], ['Email', data?.user?.email ?? '–'], ['Platform administrator', data?.user?.isPlatformAdmin ? 'Yes' : 'No']]} />}
        </Faces>
      </Panel>
      <PasswordForm email={viewer.data?.user?.email} />
      {organization && may('organization.update') && <OrganizationForm key={organization.id} id={organization.id} name={organization.name} />}
    </>
  );
}

function PasswordForm({ email }: { readonly email: string | undefined }) {
  const change = useChangePassword();
  const form = useForm({ currentPassword: '', newPassword: '' });
  const submit = async (): Promise<void> => {
    try {
      const result = await change.mutateAsync(form.values);
      if (!isDone(result)) {
        form.refuse(result.__typename === 'SignInFailed' ? { ...result, faults: [{ field: 'currentPassword', message: result.message }] } : result);
        return;
      }
      form.set('currentPassword', '');
      form.set('newPassword', '');
      showToast('The password is changed.');
    } catch (error) {
      form.fail(error);
    }
  };
  return (
    <Panel title="Password">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack widthMax={420}>
          <input type="hidden" name="username" autoComplete="username" value={email ?? ''} readOnly />
          <PasswordInput label="Current password" autoComplete="current-password" required {...form.text('currentPassword')} visibilityToggleButtonProps={{ 'aria-label': 'Show current password' }} />
          <PasswordInput label="New password" autoComplete="new-password" required {...form.text('newPassword')} visibilityToggleButtonProps={{ 'aria-label': 'Show new password' }} />
          <FormAlert>{form.general}</FormAlert>
          <FormFoot><Button type="submit" loading={change.isPending}>Change password</Button></FormFoot>
        </Stack>
      </form>
    </Panel>
  );
}

function OrganizationForm({ id, name }: { readonly id: string; readonly name: string }) {
  const update = useUpdateOrganization();
  const form = useForm({ name });
  const submit = async (): Promise<void> => {
    try {
      const result = await update.mutateAsync({ organizationId: id, name: form.values.name });
      if (isDone(result)) showToast('Saved.');
      else form.refuse(result);
    } catch (error) {
      form.fail(error);
    }
  };
  return (
    <Panel title="Organisation">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack widthMax={420}>
          <TextInput label="Name" required {...form.text('name')} />
          <FormAlert>{form.general}</FormAlert>
          <FormFoot><Button type="submit" loading={update.isPending}>Save</Button></FormFoot>
        </Stack>
      </form>
    </Panel>
  );
}
