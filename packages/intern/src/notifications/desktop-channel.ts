import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Channel, DeliveryError } from "./channel.ts";
import type { Notice } from "./notice.ts";

export interface DesktopOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/** Shows notices on this machine's desktop, by the program that its system has for that. */
export function createDesktopChannel({ env, platform = process.platform }: DesktopOptions): Channel {
  return {
    name: "desktop",
    async send(notice, signal) {
      const { program, args, variables = {} } = commandFor(platform, notice);
      const child = spawn(program, args, {
        env: { ...visible(env), ...variables },
        stdio: "ignore",
        signal,
      });
      const [code] = (await once(child, "close").catch((error: NodeJS.ErrnoException) => {
        signal.throwIfAborted();
        throw unavailable(error.code === "ENOENT" ? `there is no ${program}` : error.message);
      })) as [number | null];
      if (code !== 0) throw unavailable(`${program} ended with exit code ${code}`);
    },
  };
}

interface DesktopCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** The texts go as arguments or variables of their own, never into a script. */
function commandFor(platform: NodeJS.Platform, { title, text }: Notice): DesktopCommand {
  switch (platform) {
    case "darwin": {
      const script = [
        "on run argv",
        "display notification (item 2 of argv) with title (item 1 of argv)",
        "end run",
      ];
      return { program: "osascript", args: [...script.flatMap((line) => ["-e", line]), title, text] };
    }
    case "win32": {
      const script =
        "Add-Type -AssemblyName System.Windows.Forms, System.Drawing; $icon = New-Object System.Windows.Forms.NotifyIcon; $icon.Icon = [System.Drawing.SystemIcons]::Information; $icon.Visible = $true; $icon.ShowBalloonTip(10000, $env:NOTICE_TITLE, $env:NOTICE_TEXT, 'Info'); Start-Sleep -Seconds 5; $icon.Dispose()";
      const variables = { NOTICE_TITLE: title, NOTICE_TEXT: text };
      return { program: "powershell", args: ["-NoProfile", "-Command", script], variables };
    }
    default: {
      // Its body is markup.
      const body = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
      return { program: "notify-send", args: ["--app-name=ml-intern", "--", title, body] };
    }
  }
}

/** What a desktop program needs to find the desktop, and none of the keys beside it. */
const VISIBLE = [
  "PATH",
  "HOME",
  "LANG",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "SystemRoot",
];

function visible(env: DesktopOptions["env"]): Record<string, string> {
  return Object.fromEntries(
    VISIBLE.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function unavailable(message: string): DeliveryError {
  const mend = "This machine shows no notices: take the channel out, or install its program.";
  return new DeliveryError(message, { retryable: false, mend });
}
