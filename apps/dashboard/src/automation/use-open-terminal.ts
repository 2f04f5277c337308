import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/** Shows the terminal of a session that was just started, unless the person has gone elsewhere meanwhile (B-194). */
export function useOpenTerminal(): (ticketId: string) => void {
  const [, navigate] = useLocation();
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  return (ticketId) => {
    if (isHere.current) navigate(`/terminals/${ticketId}`);
  };
}
