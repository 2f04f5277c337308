import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { use } from 'react';
import { call } from '../call.ts';
import { text } from '../text/index.ts';
import { AccountButton } from './account-button.tsx';
import { MeContext } from './me.tsx';
import { isTheme, THEMES, useTheme } from './theme.ts';

const ITEM =
  'flex min-h-9 cursor-pointer items-center gap-2 rounded-sm px-2 text-sm outline-none data-[highlighted]:bg-raised touch:min-h-11';

/** Opened at once: who one is, how it looks, and the way out. */
export function AccountMenu() {
  const { name, role, canLogOut } = use(MeContext);
  const [theme, setTheme] = useTheme();
  const queries = useQueryClient();
  const logout = useMutation({ mutationFn: () => call('logout'), onSuccess: () => queries.resetQueries() });
  return (
    <DropdownMenu.Root defaultOpen>
      <DropdownMenu.Trigger asChild>
        <AccountButton />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-40 min-w-48 rounded-md border border-line bg-surface p-1 text-ink shadow-lg"
        >
          <DropdownMenu.Label className="px-2 py-1.5 text-sm">
            <span className="font-semibold wrap-anywhere">{name}</span> <span className="text-quiet">{role}</span>
          </DropdownMenu.Label>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Label className="px-2 pt-1 text-xs text-quiet">{text.theme.label}</DropdownMenu.Label>
          <DropdownMenu.RadioGroup value={theme} onValueChange={(chosen) => isTheme(chosen) && setTheme(chosen)}>
            {THEMES.map((one) => (
              <DropdownMenu.RadioItem key={one} value={one} className={ITEM}>
                <span className="w-4">
                  <DropdownMenu.ItemIndicator>
                    <Check size={14} aria-hidden />
                  </DropdownMenu.ItemIndicator>
                </span>
                {text.theme[one]}
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
          {canLogOut ? (
            <>
              <DropdownMenu.Separator className="my-1 h-px bg-line" />
              <DropdownMenu.Item className={ITEM} disabled={logout.isPending} onSelect={() => logout.mutate()}>
                {text.logout}
              </DropdownMenu.Item>
            </>
          ) : null}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
