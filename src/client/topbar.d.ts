declare module 'topbar' {
  const topbar: {
    config(options: { readonly barColors?: Readonly<Record<string, string>>; readonly shadowColor?: string }): void
    show(delay?: number): void
    hide(): void
  }
  export default topbar
}
