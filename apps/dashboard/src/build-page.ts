/** Builds a page as the api serves it: scripts and styles in files of their own, named by their content. */
export async function buildPage(root: string, outDir: string): Promise<void> {
  process.env.NODE_ENV = 'production'; // tests say otherwise, and React would bring its tools
  // taking longer than to see that nothing changed
  const [{ build }, { default: tailwindcss }] = await Promise.all([import('vite'), import('@tailwindcss/vite')]);
  await build({
    root,
    configFile: false,
    base: '/dashboard/',
    logLevel: 'error',
    plugins: [tailwindcss()],
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // what is said to a library before it is used stays before it, whatever file either of them lands in
      rolldownOptions: { output: { strictExecutionOrder: true } },
    },
  });
}
