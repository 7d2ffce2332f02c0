// deno-lint-ignore-file camelcase
import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import {
  createLocalJWKSet,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";

/** What the login of one machine needs. */
export interface LoginDeps {
  /** Token of the printed link. */
  readonly loginToken: string;
  /** Account that the link signs in. */
  readonly userId: string;
  /** Its e-mail. */
  readonly email: string;
  /** Key pair that signs access tokens. */
  readonly signingJwk: JWK;
  /** Base URL of the gateway. */
  readonly url: string;
}

const HOUR_SECONDS = 3600;

/** `/auth/v1`: what supabase-js asks of Supabase Auth to check a token, and one grant: the link's token. */
export function loginRoutes(deps: LoginDeps): Hono {
  const routes = new Hono();
  const { d: _, ...publicJwk } = deps.signingJwk;
  const jwks = { keys: [{ ...publicJwk, use: "sig" }] };
  const user = {
    id: deps.userId,
    aud: "authenticated",
    role: "authenticated",
    email: deps.email,
    app_metadata: { provider: "local" },
    user_metadata: {},
  };

  routes.get("/.well-known/jwks.json", (c) => c.json(jwks));

  routes.post("/token", async (c) => {
    if (c.req.query("grant_type") !== "local") {
      return c.json({
        error: "unsupported_grant_type",
        msg: "This server signs in by its printed link only",
      }, 400);
    }
    const body = await c.req.json().catch(() => ({}));
    if (!isSame(String(body.token ?? ""), deps.loginToken)) {
      return c.json({
        error: "invalid_grant",
        msg:
          "The link is not valid any more: use the one the server printed last",
      }, 401);
    }
    const token = await new SignJWT({
      role: "authenticated",
      email: deps.email,
      session_id: crypto.randomUUID(),
    })
      .setProtectedHeader({
        alg: "ES256",
        typ: "JWT",
        kid: deps.signingJwk.kid!,
      })
      .setSubject(deps.userId)
      .setAudience("authenticated")
      .setIssuer(`${deps.url}/auth/v1`)
      .setIssuedAt()
      .setExpirationTime(`${HOUR_SECONDS}s`)
      .sign(await importJWK(deps.signingJwk, "ES256"));
    return c.json({
      access_token: token,
      token_type: "bearer",
      expires_in: HOUR_SECONDS,
      user,
    });
  });

  routes.get("/user", async (c) => {
    const token = (c.req.header("authorization") ?? "").replace(/^Bearer /, "");
    try {
      await jwtVerify(token, createLocalJWKSet(jwks));
      return c.json(user);
    } catch {
      return c.json({ msg: "invalid JWT" }, 401);
    }
  });
  return routes;
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((t) => new TextEncoder().encode(t));
  return a!.length === b!.length && timingSafeEqual(a!, b!);
}
