/** The arguments of util-linux's `unshare` up to the command. An ordinary user gets the namespaces by way of a user namespace. */
export function unshareArguments({ asRoot }: { readonly asRoot: boolean }): string[] {
  return [
    ...(asRoot ? [] : ["--user", "--map-current-user", "--keep-caps"]),
    ...["--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child=SIGKILL", "--"],
  ];
}
