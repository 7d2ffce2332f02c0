/**
 * Who is asking: a link's token is exchanged for a short-lived access token and exchanged again before that expires.
 * Both stay in this tab's sessionStorage; the token leaves the address bar at once.
 *
 * @module
 */
import { ApiError, errorOf } from "./error.ts";

export interface Session {
  /** A token good for at least half a minute; null without a link token. */
  accessToken(): Promise<string | null>;
  /** Forgets the access token after a 401, so that the next call mints one. */
  renew(rejected: string): void;
  readonly hasLink: boolean;
}

export interface SessionDeps {
  readonly fetch: typeof fetch;
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  readonly now: () => number;
}

const LINK_KEY = "assay.link";
const ACCESS_KEY = "assay.access";
const MARGIN_MS = 30_000;

/** The token of a link such as `/#token=...`, and the address without it. */
export function takeToken(
  hash: string,
): { token: string | null; rest: string } {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const token = params.get("token");
  params.delete("token");
  const rest = params.toString();
  return { token: token || null, rest: rest ? `#${rest}` : "" };
}

/** Keeps a new link token; what an older one minted is forgotten. */
export function rememberLink(
  storage: SessionDeps["storage"],
  token: string,
): void {
  storage.setItem(LINK_KEY, token);
  storage.removeItem(ACCESS_KEY);
}

export function createSession(deps: SessionDeps): Session {
  const { storage, now } = deps;
  let minting: Promise<string> | null = null;

  const mint = async (link: string): Promise<string> => {
    let response: Response;
    try {
      response = await deps.fetch("/auth/v1/token?grant_type=local", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token: link }),
      });
    } catch (cause) {
      throw new ApiError("Cannot sign in as the server does not answer", {
        status: 0,
        code: "upstream_unavailable",
        cause,
      });
    }
    if (!response.ok) {
      const error = await errorOf(response);
      // A link the server does not know is as good as none; a server in trouble is tried again.
      throw error.isRetryable ? error : new ApiError(error.message, {
        status: 401,
        code: "unauthenticated",
        requestId: error.requestId,
      });
    }
    const { access_token, expires_in } = await response.json();
    storage.setItem(
      ACCESS_KEY,
      JSON.stringify({ access_token, expires_at: now() + expires_in * 1000 }),
    );
    return access_token;
  };

  const kept = (): string | null => {
    const { access_token, expires_at } = JSON.parse(
      storage.getItem(ACCESS_KEY) ?? "{}",
    );
    return access_token && expires_at - now() > MARGIN_MS ? access_token : null;
  };

  return {
    get hasLink() {
      return storage.getItem(LINK_KEY) !== null;
    },
    accessToken() {
      const link = storage.getItem(LINK_KEY);
      if (link === null) return Promise.resolve(null);
      const token = kept();
      if (token !== null) return Promise.resolve(token);
      minting ??= mint(link).finally(() => minting = null);
      return minting;
    },
    renew(rejected) {
      const { access_token } = JSON.parse(storage.getItem(ACCESS_KEY) ?? "{}");
      if (access_token === rejected) storage.removeItem(ACCESS_KEY);
    },
  };
}
