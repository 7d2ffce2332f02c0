import { SignJWT } from "jose";

/**
 * Signs a delivery as QStash does: a JWT over the destination and the SHA-256 of the body.
 *
 * @param key Signing key, such as `sig_...`.
 * @param url Destination, exactly as delivered to.
 * @param body Bytes as delivered.
 * @param nowMs The clock.
 */
export async function signDelivery(
  key: string,
  url: string,
  body: Uint8Array<ArrayBuffer>,
  nowMs: number,
): Promise<string> {
  const now = Math.floor(nowMs / 1000);
  const hash = await crypto.subtle.digest("SHA-256", body);
  const digest = btoa(String.fromCharCode(...new Uint8Array(hash)))
    .replaceAll("+", "-").replaceAll("/", "_"); // padded, as the service does
  return await new SignJWT({ body: digest })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(url)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + 300)
    .setJti(`jwt_${crypto.randomUUID()}`)
    .sign(new TextEncoder().encode(key));
}
