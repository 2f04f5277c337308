import { CircleUser } from 'lucide-react';
import { type ComponentProps, use } from 'react';
import { Button } from '../parts/button.tsx';
import { text } from '../text/index.ts';
import { MeContext } from './me.tsx';

/** Opens the menu of whoever looks. */
export function AccountButton(props: ComponentProps<typeof Button>) {
  const { name } = use(MeContext);
  return (
    <Button look="quiet" aria-label={text.account(name)} {...props}>
      <CircleUser size={18} aria-hidden />
      <span className="max-md:hidden">{name}</span>
    </Button>
  );
}
