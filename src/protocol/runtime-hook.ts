/**
 * How the client finds a hook that no script of the page gave it: it looks for a script with this attribute and the hook's name, and
 * calls the function that the script has left at the window under the name behind this prefix.
 */
export const runtimeHook = { attribute: 'data-phx-runtime-hook', global: 'phx_hook_' } as const
