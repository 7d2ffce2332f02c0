import {
  isAuthRetryableFetchError,
  type SupabaseClient,
} from "@supabase/supabase-js";
import { AppError } from "@shared/errors.ts";
import type { VerifyJwt } from "./authenticate.ts";

/** Verifies with the public keys of Supabase Auth, which the client fetches once and keeps. */
export function supabaseJwt(client: SupabaseClient): VerifyJwt {
  return async (token) => {
    let answer: Awaited<ReturnType<typeof client.auth.getClaims>>;
    try {
      answer = await client.auth.getClaims(token);
    } catch {
      return null; // a header or payload that is no JSON, or a key that fits no algorithm
    }
    if (isAuthRetryableFetchError(answer.error)) {
      throw new AppError(
        "upstream_unavailable",
        "Cannot verify token: the sign-in service does not answer",
        { cause: answer.error },
      );
    }
    return answer.data?.claims ?? null;
  };
}
