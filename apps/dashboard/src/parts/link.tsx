import type { ComponentProps, MouseEvent } from 'react';
import { useRouter } from 'wouter';
import { navigate } from 'wouter/use-browser-location';

interface LinkProps extends ComponentProps<'a'> {
  /** Of a page. */
  readonly href: string;
}

/** The link of the router follows the address, each of them: in a list that is most of its work. This one is only pressed. */
export function Link({ href, ...rest }: LinkProps) {
  const address = useRouter().base + href;
  const press = (event: MouseEvent) => {
    // another window, or a download: the browser knows how
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(address);
  };
  return <a href={address} onClick={press} {...rest} />;
}
