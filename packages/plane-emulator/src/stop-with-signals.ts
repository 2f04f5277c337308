/** Ends what runs when the process is asked to end. */
export function stopWithSignals(running: AsyncDisposable): void {
  const stop = () => {
    running[Symbol.asyncDispose]().then(
      () => process.exit(0),
      (err) => {
        process.stderr.write(`plane emulator could not stop cleanly: ${err}\n`);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
