/** What a process answers in the place of others while a file says so. */
export interface InjectedAnswer {
  /** Part of the URL. */
  readonly match: string;
  /** HTTP status; 0: the connection is refused. */
  readonly status: number;
  /** Share of requests, in [0, 1]. */
  readonly share: number;
}

/** Milliseconds to add to the clock of a process, by the end of its entry's path. */
export type Skews = Readonly<Record<string, number>>;

/** Sets the clock of this process wrong if `skew.json` names its entry. */
export function skewClock(folder: string): void {
  const skews = readJson<Skews>(`${folder}/skew.json`) ?? {};
  const entry = Deno.args[0] ?? "";
  const found = Object.entries(skews).find(([end]) => entry.endsWith(end));
  if (!found) return;
  const [, skewMs] = found;
  const RightDate = Date;
  const now = () => RightDate.now() + skewMs;
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, args, self) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    get: (target, name, self) =>
      name === "now" ? now : Reflect.get(target, name, self),
  });
}

/** Answers requests of this process while `answers.json` says so; counts them in `answered`. */
export function injectAnswers(folder: string): void {
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const rules = readJson<InjectedAnswer[]>(`${folder}/answers.json`) ?? [];
    const rule = rules.find(({ match }) => url.includes(match));
    if (!rule || Math.random() >= rule.share) return await send(input, init);
    Deno.writeTextFileSync(`${folder}/answered`, `${rule.status}\n`, {
      append: true,
    });
    const { status } = rule;
    if (status === 0) throw new TypeError("connection refused");
    const body = {
      statusCode: String(status),
      error: "injected",
      message: `The fault suite answers ${status}`,
    };
    return new Response(JSON.stringify(body), {
      status,
      headers: { "content-type": "application/json" },
    });
  };
}

/** Refuses every write to an open file while `full` is there, as a disk without room does; counts them in `refused`. */
export function injectFullDisk(folder: string): void {
  const write = Deno.FsFile.prototype.write;
  Deno.FsFile.prototype.write = function (bytes) {
    if (!exists(`${folder}/full`)) return write.call(this, bytes);
    Deno.writeTextFileSync(`${folder}/refused`, "1\n", { append: true });
    return Promise.reject(new Error("No space left on device (os error 28)"));
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function readJson<T>(path: string): T | null {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return null;
  }
}
